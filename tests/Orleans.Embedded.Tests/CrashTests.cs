using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Embedded.CrashWriter;
using Xunit.Abstractions;

namespace Orleans.Embedded.Tests;

/// <summary>A process that writes is killed with SIGKILL at a random moment; what it had acknowledged must be there afterwards.</summary>
public sealed class CrashTests(ITestOutputHelper output)
{
    private const int AcknowledgedWrites = 10_000;
    private const int Callers = 64;

    [Fact]
    public async Task No_acknowledged_write_is_lost_by_a_kill()
    {
        using TestFolder folder = new();
        int seed = Environment.ProcessId;
        output.WriteLine($"seed {seed}");
        Random random = new(seed);
        Dictionary<string, int> acknowledged = [];
        int total = 0;
        int kills = 0;
        while (total < AcknowledgedWrites || kills < 3)
        {
            total += await WriteUntilKilledAsync(folder.Database, random.Next(1, 4000), acknowledged);
            kills++;
            await CheckAsync(folder.Database, acknowledged);
        }

        output.WriteLine($"{total} acknowledged writes, {kills} kills, {acknowledged.Count} grains");
        Assert.Equal(Callers, acknowledged.Count);
    }

    /// <returns>The number of writes acknowledged before the kill, those also that were still in the pipe.</returns>
    private static async Task<int> WriteUntilKilledAsync(string database, int killAfter, Dictionary<string, int> acknowledged)
    {
        ProcessStartInfo start = new(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet")
        {
            ArgumentList = { typeof(IRecordGrain).Assembly.Location, database, Callers.ToString(CultureInfo.InvariantCulture) },
            RedirectStandardOutput = true,
        };
        using Process writer = Process.Start(start)!;
        int lines = 0;
        while (await writer.StandardOutput.ReadLineAsync() is { } line)
        {
            // A line cut off by the kill is no acknowledgement that anybody has read.
            if (line.Split(' ') is not [string key, string text] || !int.TryParse(text, CultureInfo.InvariantCulture, out int value))
                continue;
            acknowledged[key] = Math.Max(value, acknowledged.GetValueOrDefault(key));
            if (++lines == killAfter)
                writer.Kill();
        }

        await writer.WaitForExitAsync();
        Assert.True(lines >= killAfter, $"the writer ended by itself after {lines} writes with code {writer.ExitCode}");
        return lines;
    }

    private static async Task CheckAsync(string database, Dictionary<string, int> acknowledged)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration[EmbeddedSettings.DatabaseKey] = database;
        builder.Services.AddSingleton<Witness>();
        builder.UseOrleans();
        using IHost host = builder.Build();
        await host.StartAsync();
        IGrainFactory grains = host.Services.GetRequiredService<IGrainFactory>();
        foreach ((string key, int value) in acknowledged)
        {
            int stored = await grains.GetGrain<IRecordGrain>(key).GetAsync() ?? 0;
            // One more than acknowledged may be stored: its answer was under way. What is there now must be there after the next kill.
            Assert.InRange(stored, value, value + 1);
            acknowledged[key] = stored;
        }

        await host.StopAsync();
    }
}
