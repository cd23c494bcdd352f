using System.Net;
using System.Net.Http.Json;
using System.Text;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Silo.Tests;

public sealed class LeaseTests : IAsyncLifetime
{
    private static readonly HttpClient Http = new(new SocketsHttpHandler()) { DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
    private RunningSilo _silo = null!;

    public async Task InitializeAsync() => _silo = await RunningSilo.StartAsync();

    public async Task DisposeAsync() => await _silo.DisposeAsync();

    [Fact]
    public async Task One_edge_fills_and_all_others_fetch_from_it()
    {
        LeaseReply first = await AcquireAsync("e0");
        Assert.Equal(LeaseVerdict.Fill, first.Verdict);
        Task<LeaseReply>[] others = [.. Enumerable.Range(1, 20).Select(i => AcquireAsync($"e{i}"))];
        await ReportAsync(first.LeaseId!, LeaseOutcome.Streaming);
        foreach (LeaseReply reply in await Task.WhenAll(others))
        {
            Assert.Equal((LeaseVerdict.FetchFrom, "e0"), (reply.Verdict, reply.Holder!.Edge));
        }
    }

    [Fact]
    public async Task The_wait_is_bounded_by_the_asker()
    {
        await AcquireAsync("e0");
        Assert.Equal(LeaseVerdict.Slow, (await AcquireAsync("e1", TimeSpan.FromMilliseconds(50))).Verdict);
    }

    [Fact]
    public async Task A_failed_fill_goes_to_the_next()
    {
        LeaseReply first = await AcquireAsync("e0");
        Task<LeaseReply> second = AcquireAsync("e1");
        // The report may overtake the second ask; either way e1 fills next.
        await ReportAsync(first.LeaseId!, LeaseOutcome.Failed);
        Assert.Equal(LeaseVerdict.Fill, (await second).Verdict);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[1")]
    [InlineData("{\"key\":\"lax/x\",\"pop\":\"waw\",\"edge\":\"e\",\"wait\":\"00:00:01\",\"cursor\":{\"epoch\":\"\",\"sequence\":0}}")]
    public async Task A_malformed_request_is_refused(string body)
    {
        using HttpResponseMessage answer = await Http.PostAsync(
            new Uri(_silo.Feed, FeedProtocol.LeaseAcquirePath), new StringContent(body, Encoding.UTF8, "application/json"));
        await ApiClient.Problem(answer, 400);
    }

    [Fact]
    public async Task The_API_is_not_on_the_feed_and_the_feed_is_not_on_the_API()
    {
        using HttpResponseMessage answer = await Http.GetAsync(new Uri(_silo.Feed, "/v1/status"));
        await ApiClient.Problem(answer, 404);
        await ApiClient.Problem(await _silo.Admin.SendAsync(HttpMethod.Post, FeedProtocol.LeaseAcquirePath), 404);
    }

    private async Task<LeaseReply> AcquireAsync(string edge, TimeSpan? wait = null)
    {
        var request = new LeaseRequest
        {
            Key = LeaseKey.Of("waw", "abc"), Pop = "waw", Edge = edge, PeerUrl = $"http://{edge}:1", Wait = wait ?? TimeSpan.FromSeconds(9), Cursor = PurgeCursor.None,
        };
        using HttpResponseMessage answer = await Http.PostAsync(
            new Uri(_silo.Feed, FeedProtocol.LeaseAcquirePath), JsonContent.Create(request, ContractsJson.Default.LeaseRequest));
        return await ApiClient.Ok(answer, ContractsJson.Default.LeaseReply);
    }

    private async Task ReportAsync(string lease, LeaseOutcome outcome)
    {
        var report = new LeaseReport { Key = LeaseKey.Of("waw", "abc"), LeaseId = lease, Outcome = outcome, Cursor = PurgeCursor.None };
        using HttpResponseMessage answer = await Http.PostAsync(
            new Uri(_silo.Feed, FeedProtocol.LeaseReportPath), JsonContent.Create(report, ContractsJson.Default.LeaseReport));
        Assert.True(answer.IsSuccessStatusCode);
    }
}
