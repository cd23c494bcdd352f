using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;
using OrleansCdn.Bench.Engine;

// How many grain calls and state writes a second the embedded engine does here. The database goes to the given folder,
// or to the current one: a write costs what that disk's flush costs.
string database = Path.Combine(args.FirstOrDefault() ?? ".", $"bench-{Environment.ProcessId}.db");
HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
builder.Configuration["Orleans:Embedded:Database"] = database;
builder.UseOrleans();
using IHost host = builder.Build();
await host.StartAsync();
IGrainFactory grains = host.Services.GetRequiredService<IGrainFactory>();
Reading reading = new() { PoP = "waw", Milliseconds = 12 };

foreach (int callers in (int[])[1, 64])
{
    await MeasureAsync("calls from outside", callers, 400_000, (caller, i) => grains.GetGrain<IBenchGrain>($"g{caller}").AddAsync(i));
    await MeasureAsync("calls with a record both ways", callers, 200_000, (caller, _) => grains.GetGrain<IBenchGrain>($"g{caller}").EchoAsync(reading));
    await MeasureAsync("calls from grain to grain (x100)", callers, 4_000, (caller, _) => grains.GetGrain<IBenchGrain>($"g{caller}").CallAsync($"h{caller}", 100));
    await MeasureAsync("durable writes", callers, callers == 1 ? 2_000 : 40_000, (caller, i) => grains.GetGrain<IBenchStateGrain>($"s{caller}").WriteAsync(i));
}

await MeasureAsync("new activations", 1, 50_000, (_, i) => grains.GetGrain<IBenchGrain>($"new{i}").AddAsync(i));
await host.StopAsync();
foreach (string file in Directory.GetFiles(Path.GetDirectoryName(Path.GetFullPath(database))!, Path.GetFileName(database) + "*"))
    File.Delete(file);

static async Task MeasureAsync(string what, int callers, int total, Func<int, int, Task> callAsync)
{
    await RunAsync(Math.Max(callers, total / 10));
    long start = TimeProvider.System.GetTimestamp();
    await RunAsync(total);
    TimeSpan took = TimeProvider.System.GetElapsedTime(start);
    Console.WriteLine($"{what,-34} {callers,3} callers {total / took.TotalSeconds,10:N0}/s {took.TotalMicroseconds * callers / total,9:N1} us each");

    Task RunAsync(int count) => Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
    {
        for (int i = 0; i < count / callers; i++)
            await callAsync(caller, i);
    })));
}
