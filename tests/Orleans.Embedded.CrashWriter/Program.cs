using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Embedded.CrashWriter;

// Writes without end until it is killed. Each line of the output is a write that was acknowledged: grain key, space, value.
if (args is not [string database, string callersText] || !int.TryParse(callersText, CultureInfo.InvariantCulture, out int callers))
{
    Console.Error.WriteLine("usage: CrashWriter DATABASE CALLERS");
    return 2;
}

HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
builder.Configuration["Orleans:Embedded:Database"] = database;
builder.UseOrleans();
using IHost host = builder.Build();
await host.StartAsync();
IGrainFactory grains = host.Services.GetRequiredService<IGrainFactory>();
using Stream output = Console.OpenStandardOutput();
Lock oneLineAtATime = new();

await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
{
    IRecordGrain grain = grains.GetGrain<IRecordGrain>($"caller{caller}");
    for (int value = (await grain.GetAsync() ?? 0) + 1; ; value++)
    {
        await grain.SetAsync(value);
        byte[] line = System.Text.Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"caller{caller} {value}\n"));
        lock (oneLineAtATime)
            output.Write(line);
    }
})));
return 0;
