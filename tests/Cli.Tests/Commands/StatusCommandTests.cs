using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Cli.Tests.Commands;

public sealed class StatusCommandTests
{
    [Fact]
    public async Task Shows_lag_ratio_and_who_is_missing()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        var status = new StatusReply
        {
            Cluster = "test",
            Silo = "s1",
            SoftwareVersion = "0.1.0",
            ConfigVersion = 4,
            Cursor = new PurgeCursor("e", 10),
            Pops =
            [
                new PopStatus
                {
                    Id = "waw",
                    Name = "Warsaw",
                    Edges =
                    [
                        new EdgeStatus
                        {
                            Name = "waw1", Connected = true, ConfigVersion = 4, Cursor = new PurgeCursor("e", 7),
                            Counters = new EdgeCounters { Requests = 2000, Hits = 1400, StaleHits = 100, StoredBytes = 3 * 1024 * 1024 },
                        },
                        new EdgeStatus { Name = "waw2", Connected = false },
                    ],
                },
            ],
        };
        api.Answer("GET", ApiRoutes.Status, status, ContractsJson.Default.StatusReply);
        CliRun run = await api.RunAsync("status");
        Assert.Equal(0, run.ExitCode);
        string[] lines = run.Out.Split('\n');
        string waw1 = lines.Single(l => l.Contains("waw1", StringComparison.Ordinal));
        Assert.Equal(
            ["waw", "waw1", "connected", "4", "3", "2,000", "1,500", "75.0 %", "0", "0", "0", "3.0 MiB", "0"],
            waw1.Split('│', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("never seen", lines.Single(l => l.Contains("waw2", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Shows_disks_and_what_needs_a_look()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        EdgeStatus Edge(string name, long sick, EdgeDisk disk, params SickOrigin[] origins) => new()
        {
            Name = name, Connected = true, Counters = new EdgeCounters { SickOrigins = sick }, Condition = new EdgeCondition { Disk = disk, SickOrigins = [.. origins] },
        };
        EdgeCondition Missing(params string[] edges) => new() { Disk = EdgeDisk.None, Reach = new EdgeReach { Silent = [.. edges] } };
        var status = new StatusReply
        {
            Cluster = "test",
            Silo = "s1",
            SoftwareVersion = "0.1.0",
            ConfigVersion = 4,
            Cursor = new PurgeCursor("e", 10),
            Pops =
            [
                new PopStatus
                {
                    Id = "waw",
                    Name = "Warsaw",
                    Edges =
                    [
                        Edge("waw1", 3, new EdgeDisk
                        {
                            State = EdgeDiskState.Open, CapacityBytes = 1L << 30, Objects = 1234, Bytes = 5 << 20, Hits = 77, WritesDropped = 2, Journal = new PurgeCursor("e", 9),
                        }, new SickOrigin("www", "https://o.example.net:8443", "connect-failed\u001b[2J")),
                        Edge("waw2", 0, new EdgeDisk { State = EdgeDiskState.Failed, Reason = "no [space] left", CapacityBytes = 1L << 30 }),
                        Edge("waw3", 0, EdgeDisk.None),
                        new EdgeStatus { Name = "waw4", Connected = false },
                        new EdgeStatus { Name = "waw5", Connected = false, CutOff = new EdgeCutOff { Seconds = 420, Serving = 2, Revalidating = 1 } },
                        new EdgeStatus { Name = "waw6", Connected = true, Condition = new EdgeCondition { Disk = EdgeDisk.None, CutOff = new EdgeCutOff { Draining = 3 } } },
                        Edge("waw7", 0, EdgeDisk.None) with { Condition = Missing("lax1", "grr\u001b[2J") },
                        Edge("waw8", 0, EdgeDisk.None) with { Condition = Missing("lax1") },
                        Edge("waw9", 0, EdgeDisk.None) with { Condition = Missing("waw7"), Connected = false },
                    ],
                },
            ],
        };
        api.Answer("GET", ApiRoutes.Status, status, ContractsJson.Default.StatusReply);
        CliRun run = await api.RunAsync("status");
        Assert.Equal(0, run.ExitCode);
        string[] disks = [.. run.Out.Split('\n').SkipWhile(l => !l.Contains("Writes dropped", StringComparison.Ordinal))];
        Assert.Equal(
            ["waw", "waw1", "open", "1,234", "5.0 MiB", "1.0 GiB", "77", "2", "up to 9"],
            disks.First(l => l.Contains("waw1", StringComparison.Ordinal)).Split('│', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
        Assert.DoesNotContain(disks, l => l.Contains("waw3", StringComparison.Ordinal) || l.Contains("waw4", StringComparison.Ordinal));
        Assert.Contains("waw/waw2: disk failed: no [space] left", disks);
        Assert.Contains("waw/waw1: site www: origin https://o.example.net:8443 is sick (connect-failed?[2J)", disks);
        Assert.Contains("waw/waw1: 2 more origins are sick", disks);
        Assert.Contains("waw/waw5: cut off for 7 min, purges may be missing there: 2 sites serve on, 1 site revalidates", disks);
        Assert.Contains("lax1 does not answer waw/waw7, waw/waw8", disks);
        Assert.Contains("grr?[2J does not answer waw/waw7", disks);
        Assert.DoesNotContain(disks, l => l.StartsWith("waw7 does not", StringComparison.Ordinal));
        Assert.Contains("waw/waw6: cut off since its start, purges may be missing there: 3 sites ask to drain", disks);
    }

    [Fact]
    public async Task Something_that_is_not_the_api_is_said_to_be_that()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        api.Answers[("GET", ApiRoutes.Status)] = _ => (200, "<html>hello</html>");
        CliRun run = await api.RunAsync("status");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("not this API", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_there_says_what_to_do()
    {
        CliRun run = await CliRun.OfAsync(["status", "--api", "http://127.0.0.1:1", "--token", "t"]);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("cdn lab", run.Error, StringComparison.Ordinal);
    }
}
