using System.Text.Json;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Cli.Tests.Commands;

public sealed class DrainCommandTests
{
    private const string DrainWaw = "/v1/pops/waw/drain";
    private const string UndrainWaw = "/v1/pops/waw/undrain";
    private static readonly DateTimeOffset Since = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Sends_what_was_asked_and_ends_with_0()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        api.Answer("POST", DrainWaw, Reply(DrainState.Draining, ("waw", true, true), ("lax", true, true)), ContractsJson.Default.DrainReply);
        CliRun run = await api.RunAsync("drain", "waw", "--reason", "new disks", "--force", "--wait", "--deadline", "1500ms");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        DrainRequest sent = JsonSerializer.Deserialize(api.Requests.Single().Body, ContractsJson.Default.DrainRequest)!;
        Assert.Equal(("new disks", true, true, 1500), (sent.Why, sent.Force, sent.Wait, sent.DeadlineMs));
        Assert.Contains("PoP waw is draining: DNS sends it no more visitors", run.Out, StringComparison.Ordinal);
        Assert.Contains("Decision 12 is in force at 2 PoPs, 2 edges", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_wait_it_says_that_it_is_on_its_way_whoever_has_confirmed()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        api.Answer("POST", DrainWaw, Reply(DrainState.Draining, ("waw", true, false)), ContractsJson.Default.DrainReply);
        CliRun run = await api.RunAsync("drain", "waw");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("on its way", run.Out, StringComparison.Ordinal);
        DrainRequest sent = JsonSerializer.Deserialize(api.Requests.Single().Body, ContractsJson.Default.DrainRequest)!;
        Assert.Equal((null, false, false, null), (sent.Why, sent.Force, sent.Wait, sent.DeadlineMs));
    }

    [Fact]
    public async Task PoPs_whose_edges_have_not_confirmed_are_named_and_end_with_3()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        api.Answer("POST", UndrainWaw, Reply(DrainState.InService, ("waw", true, true), ("lax", false, false), ("grr", true, false)), ContractsJson.Default.DrainReply);
        CliRun run = await api.RunAsync("undrain", "waw", "--wait");
        Assert.Equal(3, run.ExitCode);
        Assert.Contains("not yet confirmed at lax, grr: lax/lax1 (not connected), grr/grr1 (slow)", run.Error, StringComparison.Ordinal);
        CliRun json = await api.RunAsync("undrain", "waw", "--wait", "--json");
        Assert.Equal(3, json.ExitCode);
        Assert.Equal(12, JsonDocument.Parse(json.Out).RootElement.GetProperty("epoch").GetInt64());
    }

    [Fact]
    public async Task What_was_so_already_names_who_made_it_so()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        DrainReply reply = Reply(DrainState.Draining, ("waw", true, true));
        api.Answer("POST", DrainWaw, reply with { Changed = false, Drain = reply.Drain with { Why = "disks \u001b[31m" } }, ContractsJson.Default.DrainReply);
        CliRun run = await api.RunAsync("drain", "waw");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("It was so already: by ann, ", run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_ends_with_1_and_says_what_would_be_right()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        api.Refuse("POST", DrainWaw, 422, new ApiProblem { Status = 422, Detail = "No other PoP is in service. 'force' (--force) does it all the same." });
        CliRun run = await api.RunAsync("drain", "waw");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("--force", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("drain")]
    [InlineData("drain", "")]
    [InlineData("drain", "waw", "lax")]
    [InlineData("drain", "waw", "--reason", "two\nlines")]
    [InlineData("drain", "waw", "--wait", "--deadline", "2h")]
    [InlineData("undrain", "waw", "--force")]
    public async Task Wrong_usage_ends_with_2_and_asks_nobody(params string[] args)
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        Assert.Equal(2, (await api.RunAsync(args)).ExitCode);
        Assert.Empty(api.Requests);
    }

    [Fact]
    public async Task Status_says_which_PoPs_get_no_visitors_and_which_edges_do_not_know_it()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        EdgeStatus Edge(string name, long? epoch) => new() { Name = name, Connected = true, EligibilityEpoch = epoch };
        var status = new StatusReply
        {
            Cluster = "test",
            Silo = "s1",
            SoftwareVersion = "0.1.0",
            ConfigVersion = 4,
            Cursor = PurgeCursor.None,
            EligibilityEpoch = 12,
            Pops =
            [
                new PopStatus { Id = "waw", Name = "Warsaw", Edges = [Edge("waw1", 12)], Eligibility = new PopEligibility("waw", EligibilityState.Draining, Since, "new disks") },
                new PopStatus { Id = "lax", Name = "Los Angeles", Edges = [Edge("lax1", 11), Edge("lax2", 12) with { IsDrained = true }], Eligibility = new PopEligibility("lax", EligibilityState.InService, Since) },
                new PopStatus { Id = "grr", Name = "Grand Rapids", Edges = [Edge("grr1", null)], Eligibility = new PopEligibility("grr", EligibilityState.Gone, Since, "grr1 has stopped") },
            ],
        };
        api.Answer("GET", ApiRoutes.Status, status, ContractsJson.Default.StatusReply);
        CliRun run = await api.RunAsync("status");
        string[] lines = run.Out.Split('\n');
        Assert.Contains(lines, line => line.StartsWith("waw: draining, DNS sends it nobody for ", StringComparison.Ordinal) && line.Contains(": new disks", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("grr: its edges have gone, ", StringComparison.Ordinal));
        Assert.Single(lines, line => line.Contains("answers DNS by decision", StringComparison.Ordinal));
        Assert.Contains("lax/lax1: answers DNS by decision 11, 12 is in force", run.Out, StringComparison.Ordinal);
        Assert.Contains("lax/lax2: draining, its visitors are asked to leave", run.Out, StringComparison.Ordinal);
    }

    private static DrainReply Reply(DrainState state, params (string Pop, bool Connected, bool Confirmed)[] pops) => new()
    {
        Drain = new PopDrain { Pop = "waw", State = state, Version = 1, Since = Since, Who = "ann" },
        Changed = true,
        Epoch = 12,
        Pops = [.. pops.Select(p => new EligibilityPopState { Pop = p.Pop, Edges = [new EligibilityEdgeState(p.Pop + "1", p.Connected, p.Confirmed)] })],
    };
}
