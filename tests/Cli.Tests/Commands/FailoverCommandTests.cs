using System.Text.Json;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Contracts.Failover;

namespace OrleansCdn.Cli.Tests.Commands;

public sealed class FailoverCommandTests
{
    private static readonly DateTimeOffset Since = TimeProvider.System.GetUtcNow().AddMinutes(-10);

    private static readonly string PinLax = ApiRoutes.Pin.Replace("{pop}", "lax", StringComparison.Ordinal).Replace("{pin}", "withdrawn", StringComparison.Ordinal);

    private static FailoverStatus Status(FailoverPhase phase, AnnouncementLevel level, string why) =>
        new() { Phase = phase, Level = level, Since = Since, Why = why, OrdersVersion = 7 };

    private static FailoverServer Server(string name, FailoverStatus? status, bool connected = true) =>
        new() { Server = name, Connected = connected, LastSeen = connected ? Since : null, Status = status };

    private static PopDrain Drain(string pop, PopPin? pin = null, long orders = 7) =>
        new() { Pop = pop, State = DrainState.InService, Version = 1, OrdersVersion = orders, Pin = pin };

    [Fact]
    public async Task Shows_who_is_announced_and_what_needs_a_look()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        FailoverStatus failing = Status(FailoverPhase.Announced, AnnouncementLevel.Depreferred, "the local edge answers") with
        {
            WaitsFor = "waw1: is to go itself\u001b[31m",
            Promised = ["grr1"],
            Penalty = 1500.4,
            IsHeld = true,
            Checks =
            [
                new HealthCheckStatus("http", IsHard: true, IsOk: false, "no answer within 1 s", Since),
                new HealthCheckStatus("disk", IsHard: false, IsOk: false, "full", Since),
                new HealthCheckStatus("tls", IsHard: true, IsOk: true, "fine", Since),
            ],
        };
        var reply = new FailoverReply
        {
            ConfigVersion = 3,
            Pops =
            [
                new FailoverPop { Pop = "waw", Drain = Drain("waw"), Servers = [Server("waw1", Status(FailoverPhase.Announced, AnnouncementLevel.Normal, "the local edge answers"))] },
                new FailoverPop
                {
                    Pop = "lax",
                    Drain = Drain("lax", new PopPin(FailoverPin.Withdrawn, Since, "ann", "fire"), orders: 9),
                    Servers = [Server("lax1", failing), Server("lax2", null), Server("lax3", null, connected: false)],
                },
                new FailoverPop { Pop = "grr", Drain = Drain("grr", orders: 0), Servers = [Server("grr1", Status(FailoverPhase.Withdrawn, AnnouncementLevel.Withdrawn, "drained; others stay") with { IsDrained = true })] },
                new FailoverPop { Pop = "off", Servers = [] },
            ],
        };
        api.Answer("GET", ApiRoutes.Failover, reply, ContractsJson.Default.FailoverReply);
        CliRun run = await api.RunAsync("failover");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        string[] lines = run.Out.Split('\n');
        Assert.Equal(["waw", "waw1", "announced", "10 min", "the local edge answers"], Cells(lines, "waw1"));
        Assert.Equal("less preferred", Cells(lines, "│ lax1")[2]);
        Assert.Equal("not known", Cells(lines, "│ lax2")[2]);
        Assert.Equal("drained", Cells(lines, "│ grr1")[2]);
        Assert.Equal(
            [
                "lax: pinned withdrawn by ann, 10 min ago: fire",
                "lax/lax1: would withdraw, and waits: waw1: is to go itself?[31m",
                "lax/lax1: has promised to stay for grr1",
                "lax/lax1: penalty 1500 for its changes, for which it is held back",
                "lax/lax1: has not confirmed the last orders yet (7, in force are 9)",
                "lax/lax1: http fails for 10 min: no answer within 1 s",
                "lax/lax1: disk fails for 10 min (withdraws nothing): full",
                "lax/lax2: its announcer is of older software and says nothing of failover",
                "lax/lax3: its announcer was not seen since the silo's start",
                "grr/grr1: has orders of a database that is lost (7): an undrain or unpin takes them back",
            ],
            lines.SkipWhile(line => !line.StartsWith('╰')).Skip(1).Where(line => line.Length > 0));
        Assert.Equal(4, JsonDocument.Parse((await api.RunAsync("failover", "--json")).Out).RootElement.GetProperty("pops").GetArrayLength());
    }

    [Fact]
    public async Task Says_when_nobody_announces()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        api.Answer("GET", ApiRoutes.Failover, new FailoverReply { ConfigVersion = 0, Pops = [] }, ContractsJson.Default.FailoverReply);
        Assert.StartsWith("No config yet", (await api.RunAsync("failover")).Out, StringComparison.Ordinal);
        api.Answer("GET", ApiRoutes.Failover, new FailoverReply { ConfigVersion = 1, Pops = [new FailoverPop { Pop = "waw", Servers = [] }] }, ContractsJson.Default.FailoverReply);
        Assert.Equal("No PoP of the config has upstreams: nothing is announced.\n", (await api.RunAsync("failover")).Out);
    }

    [Fact]
    public async Task Pins_and_unpins()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        var pinned = new DrainReply { Drain = Drain("lax", new PopPin(FailoverPin.Withdrawn, Since, "ann", "fire")), Changed = true, Epoch = 5, Pops = [] };
        api.Answer("POST", PinLax, pinned, ContractsJson.Default.DrainReply);
        CliRun run = await api.RunAsync("failover", "pin", "lax", "withdrawn", "--reason", "fire", "--force");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.StartsWith("PoP lax is pinned withdrawn by ann, 10 min ago: fire.\n", run.Out, StringComparison.Ordinal);
        DrainRequest sent = JsonSerializer.Deserialize(api.Requests.Single().Body, ContractsJson.Default.DrainRequest)!;
        Assert.Equal(new DrainRequest { Why = "fire", Force = true }, sent);

        api.Answer("POST", ApiRoutes.Unpin.Replace("{pop}", "lax", StringComparison.Ordinal), pinned with { Drain = Drain("lax"), Changed = false }, ContractsJson.Default.DrainReply);
        run = await api.RunAsync("failover", "unpin", "lax");
        Assert.StartsWith("PoP lax is not pinned: probes and drains decide about its routes. It was so already.\n", run.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("failover", "pin", "lax", "sideways")]
    [InlineData("failover", "pin", "lax")]
    [InlineData("failover", "unpin")]
    [InlineData("failover", "pin", "lax", "withdrawn", "--reason", "two\nlines")]
    public async Task Wrong_usage_sends_nothing(params string[] args)
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        Assert.Equal(2, (await api.RunAsync(args)).ExitCode);
        Assert.Empty(api.Requests);
    }

    [Fact]
    public async Task Status_has_a_line_for_each_PoP_that_announces()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        FailoverServer announced = Server("waw1", Status(FailoverPhase.Announced, AnnouncementLevel.Normal, "w"));
        var status = new StatusReply
        {
            Cluster = "test",
            Silo = "s1",
            SoftwareVersion = "0.1.0",
            ConfigVersion = 4,
            Cursor = new PurgeCursor("e", 10),
            Pops =
            [
                new PopStatus { Id = "waw", Name = "Warsaw", Edges = [], Announcers = [announced, announced with { Server = "waw2" }] },
                new PopStatus
                {
                    Id = "lax", Name = "L", Edges = [], Eligibility = new PopEligibility("lax", EligibilityState.Withdrawn, Since, "lax1 is withdrawn"),
                    Announcers = [Server("lax1", Status(FailoverPhase.Withdrawn, AnnouncementLevel.Withdrawn, "w")), Server("lax2", null)],
                },
                new PopStatus { Id = "off", Name = "O", Edges = [] },
            ],
        };
        api.Answer("GET", ApiRoutes.Status, status, ContractsJson.Default.StatusReply);
        string output = (await api.RunAsync("status")).Out;
        Assert.Contains("waw: routes announced\n", output, StringComparison.Ordinal);
        Assert.Contains("lax: its routes are withdrawn, DNS sends it nobody for 10 min: lax1 is withdrawn\nlax: routes lax1 withdrawn, lax2 not known\n", output, StringComparison.Ordinal);
        Assert.DoesNotContain("off: routes", output, StringComparison.Ordinal);
    }

    private static string[] Cells(string[] lines, string with) =>
        lines.First(line => line.StartsWith('│') && line.Contains(with, StringComparison.Ordinal)).Split('│', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
