using System.Net;
using System.Net.Http.Json;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Silo.Tests;

public sealed class CoverageTests : IAsyncLifetime
{
    private RunningSilo _silo = null!;

    public async Task InitializeAsync()
    {
        _silo = await RunningSilo.StartAsync();
        await _silo.Admin.AppliedAsync(TestData.Yaml);
    }

    public async Task DisposeAsync() => await _silo.DisposeAsync();

    private static Coverage Found(long objects) => new() { Memory = new CoveredTier(objects, 10 * objects, 50, 50, true, ["http://www.example.net/a"]) };

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string token, PurgeRequest? purge = null)
    {
        using var client = new HttpClient { BaseAddress = _silo.Api };
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Add("Authorization", "Bearer " + token);
        request.Content = purge is null ? null : JsonContent.Create(purge, ContractsJson.Default.PurgeRequest);
        return await client.SendAsync(request);
    }

    private static async Task<CoverageReply> ReplyAsync(Task<HttpResponseMessage> sending)
    {
        using HttpResponseMessage answer = await sending;
        Assert.True(answer.StatusCode == HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync(ContractsJson.Default.CoverageReply))!;
    }

    [Fact]
    public async Task A_dry_run_asks_every_edge_names_those_that_are_away_and_appends_nothing()
    {
        await using ScriptedEdge waw = await ScriptedEdge.ConnectAsync(_silo.Feed, ScriptedEdge.Hello("waw", "waw1"));
        PurgeCursor end = (await waw.NextAsync<PurgeGap>()).Through;
        Task<CoverageReply> asking = ReplyAsync(SendAsync(
            HttpMethod.Post, ApiRoutes.Purges, _silo.Data.Purge,
            new PurgeRequest { Site = "www", Kind = PurgeKind.Url, Values = ["HTTP://www.example.net:80/a"], DryRun = true }));
        CoverageQuestion question = await waw.NextAsync<CoverageQuestion>();
        Assert.Equal(("www", PurgeKind.Url), (question.Site, question.Kind));
        Assert.Equal(["http://www.example.net/a", "https://www.example.net/a"], question.Values.AsEnumerable());
        waw.Send(new EdgeExplained(question.Id, new Explanation { Verdict = ExplainVerdict.Miss, ConfigVersion = 1, PurgeCursor = end, PurgesApplied = 0 }) with { Id = "stray" });
        waw.Send(new EdgeCovered(question.Id, Found(7)));
        CoverageReply reply = await asking;
        Assert.False(reply.IsComplete);
        EdgeCoverage[] edges = [.. reply.Pops.SelectMany(p => p.Edges)];
        Assert.Equal(7, edges.Single(e => e.Edge == "waw1").Coverage?.Memory.Objects);
        Assert.All(edges.Where(e => e.Edge != "waw1"), e => Assert.Equal((AnswerOutcome.NotConnected, null), (e.Outcome, e.Coverage)));
        Assert.True(edges.Length > 1);

        // A purge in earnest is the first of the log.
        using HttpResponseMessage purged = await SendAsync(
            HttpMethod.Post, ApiRoutes.Purges, _silo.Data.Purge, new PurgeRequest { Site = "www", Kind = PurgeKind.Tag, Values = ["t"] });
        PurgeReply receipt = (await purged.Content.ReadFromJsonAsync(ContractsJson.Default.PurgeReply))!;
        Assert.Equal(end.Sequence + 1, receipt.Cursor.Sequence);
    }

    [Fact]
    public async Task Tags_are_asked_of_one_PoP_and_an_answer_of_another_kind_is_none()
    {
        await using ScriptedEdge waw = await ScriptedEdge.ConnectAsync(_silo.Feed, ScriptedEdge.Hello("waw", "waw1"));
        await waw.NextAsync<PurgeGap>();
        Task<CoverageReply> asking = ReplyAsync(SendAsync(HttpMethod.Get, "/v1/sites/www/tags?pop=waw", _silo.Data.Read));
        CoverageQuestion question = await waw.NextAsync<CoverageQuestion>();
        Assert.True(question is { Kind: null, Values.Length: 0 });
        waw.Send(new EdgeCovered(question.Id, Found(1) with { Tags = [new TagUse("news", 1, 0)], TagCount = 1 }));
        CoverageReply reply = await asking;
        Assert.Equal("waw", Assert.Single(reply.Pops).Pop);
        Assert.Equal("news", reply.Pops[0].Edges.Single(e => e.Coverage is not null).Coverage!.Tags[0].Tag);

        asking = ReplyAsync(SendAsync(HttpMethod.Get, "/v1/sites/www/tags?pop=waw&tag=news", _silo.Data.Read));
        question = await waw.NextAsync<CoverageQuestion>();
        Assert.Equal((PurgeKind.Tag, "news"), (question.Kind, Assert.Single(question.Values)));
        waw.Send(new EdgeExplained(question.Id, new Explanation { Verdict = ExplainVerdict.Miss, ConfigVersion = 1, PurgeCursor = PurgeCursor.None, PurgesApplied = 0 }));
        Assert.Equal(AnswerOutcome.NoAnswer, (await asking).Pops[0].Edges.Single(e => e.Edge == "waw1").Outcome);
    }

    [Theory]
    [InlineData("/v1/sites/none/tags", "site 'none'")]
    [InlineData("/v1/sites/www/tags?pop=none", "PoP 'none'")]
    [InlineData("/v1/sites/www/tags?tag=a%20b", "printable ASCII")]
    public async Task What_cannot_be_asked_is_said(string path, string detail)
    {
        using HttpResponseMessage answer = await SendAsync(HttpMethod.Get, path, _silo.Data.Read);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Contains(detail, (await answer.Content.ReadFromJsonAsync(ContractsJson.Default.ApiProblem))!.Detail, StringComparison.Ordinal);
        using HttpResponseMessage refused = await SendAsync(HttpMethod.Get, path, _silo.Data.Purge);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
    }

    [Fact]
    public async Task A_dry_run_has_a_size()
    {
        string[] values = [.. Enumerable.Range(0, 100).Select(i => $"http://www.example.net/{i}/{new string('a', 7000)}")];
        using HttpResponseMessage answer = await SendAsync(
            HttpMethod.Post, ApiRoutes.Purges, _silo.Data.Purge, new PurgeRequest { Site = "www", Kind = PurgeKind.Url, Values = [.. values], DryRun = true });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Contains("ask in parts", (await answer.Content.ReadFromJsonAsync(ContractsJson.Default.ApiProblem))!.Detail, StringComparison.Ordinal);
    }
}
