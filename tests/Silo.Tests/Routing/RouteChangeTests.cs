using System.Text;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Silo.Tests.Routing;

public sealed class RouteChangeTests : IAsyncLifetime
{
    private static readonly RouteChangeRequest Prepend3 = new() { Pop = "grr", Upstream = "hurricane-electric", Action = RouteAction.Prepend, Prepend = 3, Why = "less of it" };

    private RunningSilo _silo = null!;

    public async Task InitializeAsync() => _silo = await RoutedSilo.StartAsync();

    public async Task DisposeAsync() => await _silo.DisposeAsync();

    [Fact]
    public async Task A_change_is_shown_first_then_made_then_seen_on_the_wire()
    {
        await using ScriptedAnnouncer grr = await ScriptedAnnouncer.ConnectAsync(_silo.Feed, ScriptedAnnouncer.Hello("grr", "grr1"));
        grr.ReportDone(await grr.NextAsync<DesiredAnnouncements>());
        Assert.Equal(1, (await _silo.Admin.UpstreamAsync("grr", "hurricane-electric", u => u.Difference.IsEmpty)).Revision);

        RouteChangeReply preview = await _silo.Client(_silo.Data.Route).ChangedAsync(Prepend3 with { DryRun = true });
        RouteChangeAt shown = Assert.Single(preview.Upstreams);
        Assert.Equal((true, RouteChangeState.DryRun, 0L), (preview.DryRun, shown.State, shown.Version));
        Assert.Equal(("64500 64500", "64500 64500 64500 64500"), (shown.Preview.Before[0].AsPath, shown.Preview.After[0].AsPath));
        Assert.Equal([("prepend", null, "3")], shown.Preview.Changes.Select(c => (c.Path, c.Before, c.After)));
        Assert.Equal(["prepend 3 (operator): AS64500 stands 4 times in the path"], shown.Preview.Explanation.AsEnumerable());
        Assert.Empty(await _silo.Admin.HistoryAsync("grr", "hurricane-electric"));

        RouteChangeAt done = Assert.Single((await _silo.Client(_silo.Data.Route).ChangedAsync(Prepend3)).Upstreams);
        Assert.Equal((RouteChangeState.Applied, 1L, 2L), (done.State, done.Version, done.Revision));
        UpstreamRoutes waiting = await _silo.Admin.UpstreamAsync("grr", "hurricane-electric");
        Assert.Contains(waiting.Difference, d => d.Contains("grr1: works on revision 1, desired is 2", StringComparison.Ordinal));
        Assert.Contains(waiting.Difference, d => d.Contains("with prepend 1, desired is prepend 3", StringComparison.Ordinal));

        DesiredAnnouncements desired = await grr.DesiredAsync(d => d.Upstreams[0].Revision == 2);
        Assert.Equal([3, 0], desired.Upstreams.Select(u => u.Routes[0].Prepend));
        grr.ReportDone(desired);
        await _silo.Admin.UpstreamAsync("grr", "hurricane-electric", u => u.Difference.IsEmpty);

        IntentVersion version = Assert.Single(await _silo.Client(_silo.Data.Read).HistoryAsync("grr", "hurricane-electric"));
        Assert.Equal(("noc", "127.0.0.1", "less of it", "prepend 3"), (version.Who, version.From, version.Why, version.What));
        Assert.Equal([("prepend", null, "3")], version.Changes.Select(c => (c.Path, c.Before, c.After)));
    }

    [Fact]
    public async Task Who_saw_another_state_is_told_so()
    {
        await _silo.Admin.ChangedAsync(Prepend3);
        RouteChangeRequest late = Prepend3 with { Prepend = 2, Expected = [new ExpectedIntent("grr", "hurricane-electric", 0)] };
        Assert.Contains("version 1, not 0", (await ApiClient.Problem(await _silo.Admin.ChangeAsync(late), 409)).Detail, StringComparison.Ordinal);
        await _silo.Admin.ChangedAsync(late with { Expected = [new ExpectedIntent("grr", "hurricane-electric", 1)] });
    }

    [Fact]
    public async Task The_same_request_again_is_the_same_change()
    {
        RouteChangeRequest request = Prepend3 with { Expected = [new ExpectedIntent("grr", "hurricane-electric", 0)] };
        await _silo.Admin.ChangedAsync(request, "key-1");
        await _silo.Admin.ChangedAsync(Prepend3 with { Prepend = 1 });
        RouteChangeAt again = Assert.Single((await _silo.Admin.ChangedAsync(request, "key-1")).Upstreams);
        Assert.Equal((RouteChangeState.Unchanged, 2L), (again.State, again.Version));
        Assert.Equal(1, (await _silo.Admin.UpstreamAsync("grr", "hurricane-electric")).Intent.Prepend);
        Assert.Equal(RouteChangeState.Unchanged, Assert.Single((await _silo.Admin.ChangedAsync(Prepend3 with { Prepend = 1 })).Upstreams).State);
    }

    [Fact]
    public async Task The_last_path_of_a_prefix_stays_unless_it_is_forced()
    {
        var everywhere = new RouteChangeRequest { Pop = RouteChangeRequest.AllPops, Action = RouteAction.Withdraw };
        ApiProblem refused = await ApiClient.Problem(await _silo.Admin.ChangeAsync(everywhere), 422);
        Assert.Contains("2001:db8:1000::/48 would not be announced anywhere any more", refused.Detail, StringComparison.Ordinal);
        Assert.Contains("--force", refused.Detail, StringComparison.Ordinal);
        Assert.Equal(0, (await _silo.Admin.UpstreamAsync("waw", "vultr")).Version);

        await _silo.Admin.ChangedAsync(everywhere with { Pop = "waw" });
        await _silo.Admin.ChangedAsync(everywhere with { Pop = "lax" });
        await _silo.Admin.ChangedAsync(everywhere with { Pop = "grr", Upstream = "123net" });
        refused = await ApiClient.Problem(await _silo.Admin.ChangeAsync(everywhere with { Pop = "grr", DryRun = true }), 422);
        Assert.Contains("grr/hurricane-electric is its last path", refused.Detail, StringComparison.Ordinal);
        await _silo.Admin.ChangedAsync(everywhere with { Pop = "grr", Force = true });
        Assert.True((await _silo.Admin.HistoryAsync("grr", "hurricane-electric"))[^1].Forced);
    }

    [Fact]
    public async Task What_others_only_should_announce_is_no_path_yet()
    {
        await using ScriptedAnnouncer grr = await ScriptedAnnouncer.ConnectAsync(_silo.Feed, ScriptedAnnouncer.Hello("grr", "grr1"));
        grr.ReportDone(await grr.NextAsync<DesiredAnnouncements>());
        await _silo.Admin.UpstreamAsync("grr", "123net", u => u.Difference.IsEmpty);
        var withdraw = new RouteChangeRequest { Pop = "grr", Action = RouteAction.Withdraw };
        ApiProblem refused = await ApiClient.Problem(await _silo.Admin.ChangeAsync(withdraw), 422);
        Assert.Contains("is on the wire at grr/hurricane-electric, grr/123net alone", refused.Detail, StringComparison.Ordinal);
        await _silo.Admin.ChangedAsync(withdraw with { Upstream = "123net" });
    }

    [Fact]
    public async Task An_earlier_intent_comes_back_as_a_new_version()
    {
        await _silo.Admin.ChangedAsync(Prepend3);
        await _silo.Admin.ChangedAsync(Prepend3 with { Action = RouteAction.Communities, Prepend = null, Communities = ["64500:1", "64500:1:2"] });
        RouteChangeReply reply = await ApiClient.Ok(
            await _silo.Admin.RollbackAsync("grr", "hurricane-electric", new RouteRollbackRequest { Version = 1, ExpectedVersion = 2 }), ContractsJson.Default.RouteChangeReply);
        Assert.Equal(3, Assert.Single(reply.Upstreams).Version);
        UpstreamRoutes now = await _silo.Admin.UpstreamAsync("grr", "hurricane-electric");
        Assert.Equal((3, null), (now.Intent.Prepend, now.Intent.Communities));
        Assert.Equal(1, (await _silo.Admin.HistoryAsync("grr", "hurricane-electric"))[^1].RolledBackTo);
        await ApiClient.Ok(
            await _silo.Admin.RollbackAsync("grr", "hurricane-electric", new RouteRollbackRequest { Version = 0 }), ContractsJson.Default.RouteChangeReply);
        Assert.Null((await _silo.Admin.UpstreamAsync("grr", "hurricane-electric")).Intent.Prepend);
        await ApiClient.Problem(await _silo.Admin.RollbackAsync("grr", "hurricane-electric", new RouteRollbackRequest { Version = 9 }), 404);
        await ApiClient.Problem(await _silo.Admin.RollbackAsync("grr", "nope", new RouteRollbackRequest { Version = 1 }), 404);
    }

    [Fact]
    public async Task A_silo_that_was_killed_knows_intents_and_history()
    {
        await _silo.Admin.ChangedAsync(Prepend3);
        TestData data = _silo.Data;
        await _silo.DisposeAsync();
        _silo = await RunningSilo.StartAsync(data);
        UpstreamRoutes now = await _silo.Admin.UpstreamAsync("grr", "hurricane-electric", u => u.Revision > 0);
        Assert.Equal((1L, 2L, 3), (now.Version, now.Revision, now.Intent.Prepend));
        Assert.Single(await _silo.Admin.HistoryAsync("grr", "hurricane-electric"));
    }

    [Fact]
    public async Task Tokens_look_and_change_by_their_scopes()
    {
        await ApiClient.Problem(await _silo.Client(_silo.Data.Read).ChangeAsync(Prepend3), 403);
        await ApiClient.Problem(await _silo.Client(_silo.Data.Purge).GetAsync(ApiRoutes.Routes), 403);
        await ApiClient.Problem(await _silo.Client(null).ChangeAsync(Prepend3), 401);
        await _silo.Client(_silo.Data.Route).RoutesAsync();
        await _silo.Client(_silo.Data.Read).SessionsAsync();
    }

    [Theory]
    [InlineData("""{"pop":"nope","action":"Withdraw"}""", 422, "'waw'")]
    [InlineData("""{"pop":"grr","upstream":"nope","action":"Withdraw"}""", 422, "grr/123net")]
    [InlineData("""{"pop":"grr","action":"Prepend"}""", 422, "0 to 5")]
    [InlineData("""{"pop":"grr","action":"Prepend","prepend":6}""", 422, "0 to 5")]
    [InlineData("""{"pop":"grr","action":"Communities"}""", 422, "'communities' is missing")]
    [InlineData("""{"pop":"grr","action":"Communities","communities":["70000:1"]}""", 422, "'70000:1' is not a community")]
    [InlineData("""{"pop":"grr","action":"Withdraw","prefix":"2001:db8:2000::/48"}""", 422, "2001:db8:1000::/48")]
    [InlineData("""{"pop":"grr","action":"Withdraw","carrier":"nope"}""", 422, "'cogent'")]
    [InlineData("""{"pop":"grr","action":"Withdraw","until":"2001-01-01T00:00:00Z"}""", 422, "in the past")]
    [InlineData("""{"pop":"grr","action":"Withdraw","from":"2999-01-01T00:00:00Z"}""", 422, "days ahead")]
    [InlineData("""{"pop":"grr","action":"Sideways"}""", 400, "JSON")]
    [InlineData("""{"action":"Withdraw"}""", 400, "pop")]
    [InlineData("[", 400, "JSON")]
    public async Task What_cannot_be_is_refused_with_what_can(string body, int status, string says)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        ApiProblem problem = await ApiClient.Problem(await _silo.Admin.SendAsync(HttpMethod.Post, ApiRoutes.RouteChanges, content), status);
        Assert.Contains(says, problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Changes_and_refusals_are_in_the_audit_trail()
    {
        await _silo.Client(_silo.Data.Route).ChangedAsync(Prepend3);
        await _silo.Client(_silo.Data.Route).ChangedAsync(Prepend3 with { Upstream = null, Why = null });
        await _silo.Client(_silo.Data.Route).ChangeAsync(Prepend3 with { Pop = "nope" });
        var entries = new List<AuditEntry>();
        for (string? next = ""; next is not null;)
        {
            AuditReply page = await ApiClient.Ok(
                await _silo.Admin.GetAsync($"{ApiRoutes.Audit}?limit=2{(next.Length == 0 ? "" : "&after=" + next)}"), ContractsJson.Default.AuditReply);
            entries.AddRange(page.Entries);
            next = page.Next;
        }

        Assert.Equal(
            [null, "grr/123net 1", "grr/hurricane-electric 1", "1"], entries.Select(e => e.Id));
        Assert.Equal(AuditOutcome.Refused, entries[0].Outcome);
        Assert.Contains("'waw'", entries[0].Detail, StringComparison.Ordinal);
        Assert.Equal(("noc", AuditAction.Route, "prepend 3: less of it"), (entries[2].Who, entries[2].Action, entries[2].Detail));
    }

    [Fact]
    public async Task Sessions_are_shown_and_who_is_missing()
    {
        await using ScriptedAnnouncer grr = await ScriptedAnnouncer.ConnectAsync(_silo.Feed, ScriptedAnnouncer.Hello("grr", "grr1"));
        AnnouncerReport report = ScriptedAnnouncer.Report(await grr.NextAsync<DesiredAnnouncements>());
        var error = new SessionError(DateTimeOffset.UnixEpoch, SessionErrorOrigin.Received, 6, 1, "Cease/Maximum Number of Prefixes Reached\u001b[2J");
        var refused = new SessionError(DateTimeOffset.UnixEpoch, SessionErrorOrigin.Connection, null, null, "connect: refused");
        grr.Send(report with { Sessions = [report.Sessions[0] with { State = BgpState.Idle, LastError = error }, report.Sessions[1] with { LastError = refused }] });
        await _silo.Admin.UpstreamAsync("grr", "123net", u => u.Difference.IsEmpty);
        BgpSessionsReply sessions = await _silo.Admin.SessionsAsync();
        Assert.Equal(["waw/waw1", "lax/lax1"], sessions.Missing.AsEnumerable());
        Assert.Equal([("grr", "grr1", BgpState.Idle), ("grr", "grr1", BgpState.Established)], sessions.Sessions.Select(s => (s.Pop, s.Edge, s.Session.State)));
        Assert.Equal("Cease/Maximum Number of Prefixes Reached?[2J", sessions.Sessions[0].Session.LastError!.Text);
        Assert.Equal(refused, sessions.Sessions[1].Session.LastError);
        Assert.Equal("123net", Assert.Single((await _silo.Admin.SessionsAsync("?pop=grr&upstream=123net")).Sessions).Session.Upstream);
        UpstreamRoutes down = await _silo.Admin.UpstreamAsync("grr", "hurricane-electric");
        Assert.Contains("[2001:db8:6939::1]:179 is Idle (Cease/Maximum", Assert.Single(down.Difference), StringComparison.Ordinal);
        Assert.Empty((await _silo.Admin.SessionsAsync("?pop=waw")).Sessions);
        Assert.Equal(["grr1"], down.Servers.AsEnumerable());
        await ApiClient.Problem(await _silo.Admin.GetAsync(ApiRoutes.BgpSessions + "?pop=nope"), 404);
        await ApiClient.Problem(await _silo.Admin.GetAsync(ApiRoutes.BgpSessions + "?pop=grr&upstream=nope"), 404);
    }
}
