using System.Net.Http.Json;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Silo.Tests;

public sealed class PurgeRefreshTests : IAsyncLifetime
{
    private static readonly PurgeRequest News = new() { Site = "www", Kind = PurgeKind.Tag, Values = ["news"], Soft = true, Refresh = true };

    private readonly TestData _data = new();
    private RunningSilo _silo = null!;
    private string _purgeOnly = "";

    public async Task InitializeAsync()
    {
        _purgeOnly = _data.Add("unwarmed", row => row with { Scopes = ["purge"] });
        _silo = await RunningSilo.StartAsync(_data);
        await _silo.Admin.AppliedAsync(TestData.Yaml);
    }

    public async Task DisposeAsync() => await _silo.DisposeAsync();

    private async Task<PrewarmReply> JobAsync(string id) =>
        await ApiClient.Ok(await _silo.Admin.GetAsync(ApiRoutes.Prewarm.Replace("{id}", id, StringComparison.Ordinal)), ContractsJson.Default.PrewarmReply);

    [Fact]
    public async Task The_edge_that_has_it_gets_a_task_that_carries_the_purge_and_the_others_none()
    {
        await using ScriptedEdge waw = await ScriptedEdge.ConnectAsync(_silo.Feed, ScriptedEdge.Hello("waw", "waw1"));
        await using ScriptedEdge lax = await ScriptedEdge.ConnectAsync(_silo.Feed, ScriptedEdge.Hello("lax", "lax1"));
        await waw.NextAsync<PurgeGap>();
        PurgeReply purge = await _silo.Admin.PurgedAsync(News);
        string id = Assert.IsType<string>(purge.Refresh?.Id);
        foreach (ScriptedEdge edge in new[] { waw, lax })
        {
            CoverageQuestion question = await edge.NextAsync<CoverageQuestion>();
            Assert.Equal(("www", PurgeKind.Tag, "news"), (question.Site, question.Kind, Assert.Single(question.Values)));
            Assert.NotNull(question.Candidates);
            edge.Send(new EdgeCovered(question.Id, new Coverage
            {
                Memory = new CoveredTier(1, 1, 1, 1, true, []), Candidates = [], Named = edge == waw ? ["http://www.example.net/a"] : [],
            }));
        }

        PrewarmBatch batch = await waw.NextAsync<PrewarmBatch>();
        Assert.Equal((id, "http://www.example.net/a"), (batch.Job, Assert.Single(batch.Tasks).Url));
        Assert.True(batch.Cursor.Covers(purge.Cursor));
        waw.Send(new EdgePrewarmed(id, [new PrewarmResult { Task = 0, Outcome = PrewarmOutcome.Stored, OriginFetches = 1 }]));
        PrewarmReply job = await JobAsync(id);
        while (job.State is PrewarmState.Waiting or PrewarmState.Running)
        {
            job = await JobAsync(id);
        }

        Assert.Equal((PrewarmState.Done, 1L), (job.State, job.OriginFetches));
        Assert.Equal([("waw", 1, 0), ("lax", 0, 1)], job.Pops.Select(p => (p.Pop, p.Stored, p.Skipped)));
    }

    [Fact]
    public async Task The_same_key_is_the_same_purge_and_the_same_job()
    {
        PurgeReply first = await _silo.Admin.PurgedAsync(News, "k");
        PurgeReply again = await _silo.Admin.PurgedAsync(News, "k");
        Assert.Equal((first.Id, first.Refresh), (again.Id, again.Refresh));
        PurgeReply other = await _silo.Admin.PurgedAsync(News);
        Assert.NotEqual(first.Refresh!.Id, other.Refresh!.Id);
        Assert.Null((await _silo.Admin.PurgedAsync(News with { Refresh = false })).Refresh);
        PurgeReply url = await _silo.Admin.PurgedAsync(News with { Kind = PurgeKind.Url, Values = ["http://www.example.net/a", "http://www.example.net/b"] });
        Assert.Equal(2, (await JobAsync(url.Refresh!.Id!)).Urls);
    }

    [Fact]
    public async Task What_may_not_be_refreshed_is_not_purged_either()
    {
        long before = (await _silo.Admin.StatusAsync()).Cursor.Sequence;
        ApiProblem refused = await ApiClient.Problem(await _silo.Client(_purgeOnly).PurgeAsync(News), 403);
        Assert.Contains("'prewarm'", refused.Detail, StringComparison.Ordinal);
        await ApiClient.Problem(await _silo.Admin.PurgeAsync(News with { Soft = false }), 422);
        string[] values = [.. Enumerable.Range(0, 200).Select(i => $"{i}{new string('a', 7000)}")];
        await ApiClient.Problem(await _silo.Admin.PurgeAsync(News with { Values = [.. values] }), 422);
        Assert.Equal(before, (await _silo.Admin.StatusAsync()).Cursor.Sequence);
        Assert.Null((await _silo.Client(_purgeOnly).PurgedAsync(News with { Refresh = false })).Refresh);
    }

    [Theory]
    [InlineData("\"missed\":true", "'pops'")]
    [InlineData("\"missed\":true,\"pops\":[\"waw\",\"lax\"]", "'pops'")]
    [InlineData("\"missed\":true,\"pops\":[\"lax\"],\"urls\":[\"http://www.example.net/\"]", "one of")]
    [InlineData("\"urls\":[\"http://www.example.net/\"],\"deadlineSeconds\":0", "deadlineSeconds")]
    public async Task What_is_wrong_with_a_job_is_said(string fields, string expected)
    {
        var body = new StringContent($"{{\"site\":\"www\",{fields}}}", null, "application/json");
        ApiProblem refused = await ApiClient.Problem(await _silo.Admin.SendAsync(HttpMethod.Post, ApiRoutes.Prewarms, body), 422);
        Assert.Contains(expected, refused.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task At_its_deadline_a_job_ends_however_far_it_is_also_one_that_waits()
    {
        string[] ids = await Task.WhenAll(Enumerable.Range(0, 2).Select(async _ =>
        {
            HttpContent body = JsonContent.Create(
                new PrewarmRequest { Site = "www", Urls = ["http://www.example.net/a"], DeadlineSeconds = 1 }, ContractsJson.Default.PrewarmRequest);
            return (await ApiClient.Ok(await _silo.Admin.SendAsync(HttpMethod.Post, ApiRoutes.Prewarms, body), ContractsJson.Default.PrewarmReply)).Id;
        }));
        foreach (string id in ids)
        {
            PrewarmReply job = await JobAsync(id);
            while (job.State is PrewarmState.Waiting or PrewarmState.Running)
            {
                job = await JobAsync(id);
            }

            Assert.Equal(PrewarmState.Failed, job.State);
            Assert.True(job.Deadline - job.When < TimeSpan.FromSeconds(2));
        }
    }
}
