using System.Text.Json;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Cli.Tests.Commands;

public sealed class MaintenanceCommandTests
{
    private static readonly DateTimeOffset From = new(2026, 1, 31, 2, 0, 0, TimeSpan.Zero);

    private static readonly MaintenanceWindow Window = new()
    {
        Id = "lax-3", Pop = "lax", State = MaintenanceState.Planned, From = From, Until = From.AddHours(2), Why = "fans", Who = "ops", When = From.AddDays(-1),
    };

    [Fact]
    public async Task Plans_with_an_end_counted_from_the_begin()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        api.Answer("POST", ApiRoutes.Maintenance, Window, ContractsJson.Default.MaintenanceWindow);
        CliRun run = await api.RunAsync("maintenance", "add", "lax", "--from", "2026-01-31T02:00:00Z", "--until", "+2h", "--reason", "fans", "--force");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("Maintenance lax-3 is planned: PoP lax drains at 2026-01-31 02:00:00Z and comes back at 2026-01-31 04:00:00Z.", run.Out, StringComparison.Ordinal);
        MaintenanceRequest sent = JsonSerializer.Deserialize(api.Requests.Single().Body, ContractsJson.Default.MaintenanceRequest)!;
        Assert.Equal(new MaintenanceRequest { Pop = "lax", From = From, Until = From.AddHours(2), Why = "fans", Force = true }, sent);
    }

    [Fact]
    public async Task A_time_of_day_is_the_first_after_the_begin()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        api.Answer("POST", ApiRoutes.Maintenance, Window, ContractsJson.Default.MaintenanceWindow);
        await api.RunAsync("maintenance", "add", "lax", "--from", "2026-01-31T23:00:00Z", "--until", "01:00Z");
        MaintenanceRequest sent = JsonSerializer.Deserialize(api.Requests.Single().Body, ContractsJson.Default.MaintenanceRequest)!;
        Assert.Equal(new DateTimeOffset(2026, 2, 1, 1, 0, 0, TimeSpan.Zero), sent.Until);
    }

    [Fact]
    public async Task Lists_what_is_to_come_and_what_was()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        var reply = new MaintenanceReply
        {
            Windows =
            [
                Window with { Detail = "no other PoP is in service" },
                Window with { Id = "lax-2", State = MaintenanceState.Done, EndedBy = "ann", Detail = "ann has removed it \u001b[31m" },
            ],
        };
        api.Answer("GET", ApiRoutes.Maintenance, reply, ContractsJson.Default.MaintenanceReply);
        CliRun run = await api.RunAsync("maintenance", "list");
        Assert.Contains("waits: no other PoP is in service", run.Out, StringComparison.Ordinal);
        Assert.Contains("over: ann has removed it", run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b", run.Out, StringComparison.Ordinal);
        Assert.Equal(2, JsonDocument.Parse((await api.RunAsync("maintenance", "list", "--json")).Out).RootElement.GetProperty("windows").GetArrayLength());
        api.Answer("GET", ApiRoutes.Maintenance, new MaintenanceReply { Windows = [] }, ContractsJson.Default.MaintenanceReply);
        Assert.Equal("No maintenance is planned.\n", (await api.RunAsync("maintenance", "list")).Out);
    }

    [Fact]
    public async Task Removes_and_says_whether_it_was_in_force()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        api.Answer("DELETE", "/v1/maintenance/lax-3", Window with { State = MaintenanceState.Done }, ContractsJson.Default.MaintenanceWindow);
        CliRun run = await api.RunAsync("maintenance", "remove", "lax-3", "--reason", "no fans");
        Assert.Equal("Maintenance lax-3 has ended: PoP lax comes back.\n", run.Out);
        Assert.Equal("/v1/maintenance/lax-3?why=no%20fans", api.Requests.Single().Target);
    }

    [Fact]
    public async Task A_refusal_ends_with_1()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        api.Refuse("POST", ApiRoutes.Maintenance, 409, new ApiProblem { Status = 409, Detail = "Window 'waw-1' of PoP 'waw' overlaps it." });
        CliRun run = await api.RunAsync("maintenance", "add", "lax", "--from", "+1h", "--until", "+2h");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("overlaps", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("maintenance")]
    [InlineData("maintenance", "add", "lax")]
    [InlineData("maintenance", "add", "lax", "--from", "02:00Z")]
    [InlineData("maintenance", "add", "lax", "--from", "02:00", "--until", "04:00Z")]
    [InlineData("maintenance", "remove")]
    [InlineData("drain", "waw", "--until", "soon")]
    [InlineData("undrain", "waw", "--until", "+2h")]
    [InlineData("drain", "waw/")]
    [InlineData("drain", "waw/waw1/x")]
    public async Task Wrong_usage_ends_with_2_and_asks_nobody(params string[] args)
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        Assert.Equal(2, (await api.RunAsync(args)).ExitCode);
        Assert.Empty(api.Requests);
    }

    [Fact]
    public async Task A_drain_of_an_edge_goes_to_the_edge_and_its_end_with_it()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        var reply = new DrainReply
        {
            Drain = new PopDrain { Pop = "waw", State = DrainState.InService, Version = 1, Edges = [new EdgeDrain("waw2", From, "ann", "kernel", From.AddHours(1))] },
            Changed = true,
            Epoch = 12,
            Pops = [],
        };
        api.Answer("POST", "/v1/pops/waw/edges/waw2/drain", reply, ContractsJson.Default.DrainReply);
        CliRun run = await api.RunAsync("drain", "waw/waw2", "--until", "2026-01-31T03:00:00Z");
        Assert.Contains("Edge waw/waw2 is draining until 2026-01-31 03:00:00Z: its visitors are asked to leave", run.Out, StringComparison.Ordinal);
        Assert.Equal(From.AddHours(1), JsonSerializer.Deserialize(api.Requests.Single().Body, ContractsJson.Default.DrainRequest)!.Until);
        api.Answer("POST", "/v1/pops/waw/edges/waw2/undrain", reply with { Drain = reply.Drain with { Edges = [] } }, ContractsJson.Default.DrainReply);
        Assert.StartsWith("Edge waw/waw2 is in service.", (await api.RunAsync("undrain", "waw/waw2")).Out, StringComparison.Ordinal);
    }
}
