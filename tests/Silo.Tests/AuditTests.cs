using System.Globalization;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Testing;

namespace OrleansCdn.Silo.Tests;

/// <summary>Who did what can be asked, page by page, and what was acknowledged is in the answer.</summary>
public sealed class AuditTests
{
    private static readonly PurgeRequest Red = new() { Site = "www", Kind = PurgeKind.Tag, Values = ["red"] };

    [Fact]
    public async Task Purges_configs_and_refusals_are_there_newest_first()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using RunningSilo silo = await RunningSilo.StartAsync(time: time);
        await silo.Admin.AppliedAsync(TestData.Yaml, "?why=first");
        time.Advance(TimeSpan.FromMinutes(1));
        PurgeReply purge = await silo.Client(silo.Data.Purge).PurgedAsync(Red with { Values = ["red", "green", "blue", "white"], Soft = true });
        time.Advance(TimeSpan.FromMinutes(1));
        await ApiClient.Problem(await silo.Admin.PurgeAsync(Red with { Values = ["a b\n", new string('x', 300)] }), 422);
        time.Advance(TimeSpan.FromMinutes(1));
        await silo.Admin.AppliedAsync(TestData.Yaml.Replace("Warsaw", "W", StringComparison.Ordinal));
        time.Advance(TimeSpan.FromMinutes(1));
        await ApiClient.Ok(
            await silo.Admin.SendAsync(HttpMethod.Post, ApiRoutes.ConfigRollback, new StringContent("""{"version":1}""", null, "application/json")),
            ContractsJson.Default.ConfigApplyReply);

        AuditReply all = await ReadAsync(silo.Admin, "");
        Assert.Null(all.Next);
        Assert.Equal(
            [(AuditAction.Rollback, "3"), (AuditAction.Apply, "2"), (AuditAction.Purge, null), (AuditAction.Purge, purge.Id), (AuditAction.Apply, "1")],
            all.Entries.Select(e => (e.Action, e.Id)));
        Assert.All(all.Entries, e => Assert.Equal("127.0.0.1", e.From));
        Assert.Equal(["ops", "ops", "ops", "deploy", "ops"], all.Entries.Select(e => e.Who));
        AuditEntry done = all.Entries[3];
        Assert.Equal(("www", PurgeKind.Tag, true, 4, AuditOutcome.Done), (done.Site, done.Kind, done.Soft, done.Count, done.Outcome));
        Assert.Equal(["red", "green", "blue"], done.Values.AsEnumerable());
        AuditEntry refused = all.Entries[2];
        Assert.Equal((AuditOutcome.Refused, 2), (refused.Outcome, refused.Count));
        Assert.Contains("values[0]", refused.Detail, StringComparison.Ordinal);
        Assert.Equal(AuditEntry.MaxValueLength, refused.Values[1].Length);
        Assert.Equal("first", all.Entries[4].Detail);

        Assert.Equal(["3", "2", "1"], (await ReadAsync(silo.Admin, "?who=ops")).Entries.Where(e => e.Id is not null).Select(e => e.Id));
        Assert.Equal(2, (await ReadAsync(silo.Admin, "?site=www")).Entries.Length);
        Assert.Equal(2, (await ReadAsync(silo.Admin, "?since=2026-01-01T00:03:00Z")).Entries.Length);
        Assert.Empty((await ReadAsync(silo.Admin, "?who=nobody")).Entries.AsEnumerable());
    }

    [Fact]
    public async Task Pages_of_any_size_give_each_entry_once()
    {
        await using RunningSilo silo = await RunningSilo.StartAsync();
        await silo.Admin.AppliedAsync(TestData.Yaml);
        for (int i = 0; i < 10; i++)
        {
            // Some larger than a segment of the log.
            await silo.Admin.PurgedAsync(Red with { Values = [.. Enumerable.Range(0, i % 3 == 0 ? 700 : 1).Select(v => $"{i}-{v}")] });
            await ApiClient.Problem(await silo.Admin.PurgeAsync(Red with { Site = "none" }), 422);
            await silo.Admin.AppliedAsync(TestData.Yaml.Replace("Warsaw", $"W{i}", StringComparison.Ordinal));
        }

        AuditEntry[] all = [.. (await ReadAsync(silo.Admin, "?limit=1000")).Entries];
        Assert.Equal(31, all.Length);
        foreach (int limit in new[] { 1, 2, 7, 30, 31 })
        {
            var paged = new List<AuditEntry>();
            string? next = null;
            do
            {
                AuditReply page = await ReadAsync(silo.Admin, string.Create(CultureInfo.InvariantCulture, $"?limit={limit}{(next is null ? "" : "&after=" + next)}"));
                Assert.InRange(page.Entries.Length, page.Next is null ? 0 : limit, limit);
                paged.AddRange(page.Entries);
                next = page.Next;
            }
            while (next is not null && paged.Count <= all.Length);
            Assert.Equal(all.Select(e => (e.When, e.Action, e.Id)), paged.Select(e => (e.When, e.Action, e.Id)));
        }
    }

    [Fact]
    public async Task A_token_of_a_site_sees_that_site_and_nobody_else_does_without_a_scope()
    {
        var data = new TestData();
        string token = data.Add("shop", row => row with { Sites = ["www"], Scopes = ["purge", "read"] });
        await using RunningSilo silo = await RunningSilo.StartAsync(data);
        await silo.Admin.AppliedAsync(TestData.Yaml);
        await silo.Admin.PurgedAsync(Red);
        await silo.Admin.PurgedAsync(Red with { Site = "blog" });
        await ApiClient.Problem(await silo.Admin.PurgeAsync(Red with { Site = "blog", Values = [""] }), 422);
        Assert.Equal("www", Assert.Single((await ReadAsync(silo.Client(token), "")).Entries).Site);
        Assert.Empty((await ReadAsync(silo.Client(token), "?site=blog")).Entries.AsEnumerable());
        // Who may only purge sees purges, not configs.
        Assert.DoesNotContain((await ReadAsync(silo.Client(data.Purge), "")).Entries, e => e.Action != AuditAction.Purge);
        await ApiClient.Problem(await silo.Client(null).GetAsync(ApiRoutes.Audit), 401);
    }

    [Theory]
    [InlineData("?limit=0", 422)]
    [InlineData("?limit=1001", 422)]
    [InlineData("?limit=x", 400)]
    [InlineData("?since=yesterday", 400)]
    [InlineData("?after=x", 422)]
    [InlineData("?after=1.2", 422)]
    [InlineData("?after=-1.2.3", 422)]
    [InlineData("?after=99999999999999999999.2.3", 422)]
    public async Task What_is_no_question_is_refused(string query, int status)
    {
        await using RunningSilo silo = await RunningSilo.StartAsync();
        await ApiClient.Problem(await silo.Admin.GetAsync(ApiRoutes.Audit + query), status);
    }

    [Fact]
    public void Refusals_are_bounded()
    {
        using var refused = new Api.RefusedPurges();
        for (int i = 0; i < Api.RefusedPurges.MaxEntries + 5; i++)
        {
            refused.Add(new AuditEntry { When = default, Who = "", Action = AuditAction.Purge, Outcome = AuditOutcome.Refused, Count = i });
        }

        Assert.Equal(Api.RefusedPurges.MaxEntries, refused.NewestFirst().Length);
        Assert.Equal((Api.RefusedPurges.MaxEntries + 5, Api.RefusedPurges.MaxEntries + 4), (refused.NewestFirst()[0].Number, refused.NewestFirst()[0].Entry.Count));
    }

    [Fact]
    public async Task What_was_acknowledged_is_in_the_trail_after_kill_9()
    {
        var data = new TestData();
        SiloProcess silo = await SiloProcess.StartAsync(data);
        var client = new ApiClient(silo.Api, data.Admin);
        await client.AppliedAsync(TestData.Yaml);
        string[] ids = [.. (await Task.WhenAll(Enumerable.Range(0, 20).Select(i => client.PurgedAsync(Red with { Values = [$"t{i}"] })))).Select(r => r.Id)];
        await silo.KillAsync();
        await using SiloProcess again = await SiloProcess.StartAsync(data, silo.Api, silo.Feed);
        AuditReply trail = await ReadAsync(client, "?site=www");
        Assert.Equal(ids.Order(), trail.Entries.Select(e => e.Id).Order());
        Assert.All(trail.Entries, e => Assert.Equal(("ops", "127.0.0.1"), (e.Who, e.From)));
    }

    private static async Task<AuditReply> ReadAsync(ApiClient client, string query) =>
        await ApiClient.Ok(await client.GetAsync(ApiRoutes.Audit + query), ContractsJson.Default.AuditReply);
}
