using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Control;
using OrleansCdn.Edge.Tls;
using OrleansCdn.Testing;

namespace OrleansCdn.Edge.Tests.Control;

public sealed class LeaseClientTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new();
    private readonly ConcurrentQueue<LeaseReport> _reports = new();
    private readonly ListLogger _log = new();
    private LinkIdentity _identity = null!;
    private HttpMessageInvoker _http = null!;
    private ScriptedSilo _silo = null!;
    private FeedStatusBoard _board = null!;
    private LeaseClient _client = null!;
    private int _asked;

    /// <summary>Body of the next answers.</summary>
    private Func<LeaseRequest, string> _answer = static _ => """{"verdict":"Fill","leaseId":"id"}""";

    public async Task InitializeAsync()
    {
        _identity = LinkIdentity.Load(null, _time, _log);
        _http = LinkHttp.ToSilos(_identity);
        _silo = await ScriptedSilo.StartAsync();
        _silo.Leases = AnswerAsync;
        _board = new FeedStatusBoard(Connected(_silo.Url));
        _client = LeaseClient.Over(_http, _board, _time);
    }

    public async Task DisposeAsync()
    {
        await _client.DisposeAsync();
        await _silo.DisposeAsync();
        _http.Dispose();
        _identity.Dispose();
    }

    private static FeedStatus Connected(Uri? silo) =>
        new(silo is null ? FeedState.Disconnected : FeedState.Connected, silo, DateTimeOffset.UnixEpoch, null);

    private static LeaseRequest Request(double seconds = 5, string key = "*/k") => new()
    {
        Key = key,
        Pop = "waw",
        Edge = "waw1",
        Wait = TimeSpan.FromSeconds(seconds),
        Cursor = PurgeCursor.None,
    };

    private Task<LeaseReply> AskAsync(double seconds = 5) => _client.AcquireAsync(Request(seconds), CancellationToken.None);

    private async Task AnswerAsync(HttpContext context)
    {
        if (context.Request.Path == FeedProtocol.LeaseReportPath)
        {
            _reports.Enqueue((await JsonSerializer.DeserializeAsync(context.Request.Body, ContractsJson.Default.LeaseReport))!);
            context.Response.StatusCode = 204;
            return;
        }

        LeaseRequest request = (await JsonSerializer.DeserializeAsync(context.Request.Body, ContractsJson.Default.LeaseRequest))!;
        Interlocked.Increment(ref _asked);
        string body = _answer(request);
        if (body.Length == 0)
        {
            TaskCompletionSource gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
            await using CancellationTokenRegistration registration = context.RequestAborted.Register(gone.SetResult);
            await gone.Task;
            return;
        }

        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(body);
    }

    [Fact]
    public async Task The_silos_verdict_comes_through_and_it_is_given_less_time_than_the_caller_has()
    {
        LeaseRequest? seen = null;
        _answer = request =>
        {
            seen = request;
            return """{"verdict":"FetchFrom","holder":{"pop":"lax","edge":"lax1","peerUrl":"http://127.0.0.1:9"}}""";
        };
        LeaseReply reply = await AskAsync();
        Assert.Equal((LeaseVerdict.FetchFrom, "lax1"), (reply.Verdict, reply.Holder!.Edge));
        Assert.InRange(seen!.Wait, TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(4.9));
    }

    [Fact]
    public async Task While_the_feed_is_down_nobody_is_asked()
    {
        _board.Current = Connected(null);
        Task<LeaseReply> reply = AskAsync();
        Assert.True(reply.IsCompletedSuccessfully); // at once, and synchronously
        Assert.Equal(LeaseVerdict.Slow, (await reply).Verdict);
        Assert.Equal(0, _asked);
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("""{"verdict":"Fill"}""")]
    [InlineData("""{"verdict":"FetchFrom"}""")]
    [InlineData("""{"verdict":"FetchFrom","holder":{"pop":"lax","edge":"lax1","peerUrl":"http://192.0.2.1:9"}}""")]
    [InlineData("""{"verdict":"Nonsense"}""")]
    public async Task An_answer_that_makes_no_sense_means_go_on_alone_and_a_pause(string answer)
    {
        _answer = _ => answer;
        Assert.Equal(LeaseVerdict.Slow, (await AskAsync()).Verdict);
        Assert.Equal(1, _asked);
        Task<LeaseReply> paused = AskAsync();
        Assert.True(paused.IsCompletedSuccessfully);
        Assert.Equal(1, _asked);
    }

    [Fact]
    public async Task A_huge_answer_is_not_read()
    {
        _answer = _ => new string(' ', LeaseExchange.MaxReplyBytes) + """{"verdict":"Slow"}""";
        Assert.Equal(LeaseVerdict.Slow, (await AskAsync()).Verdict);
        Assert.True(AskAsync().IsCompletedSuccessfully);
        Assert.Equal(1, _asked);
    }

    [Fact]
    public async Task A_wait_ends_with_the_callers_time_and_late_answers_open_the_breaker()
    {
        _answer = _ => "";
        for (int i = 1; i <= LeaseBreaker.LateAnswersAllowed; i++)
        {
            Task<LeaseReply> asking = AskAsync(2);
            await Eventually.IsTrueAsync(() => Volatile.Read(ref _asked) == i);
            Assert.False(asking.IsCompleted);
            _time.Advance(TimeSpan.FromSeconds(2));
            Assert.Equal(LeaseVerdict.Slow, (await asking).Verdict);
        }

        Assert.True(AskAsync().IsCompletedSuccessfully);
        Assert.Equal(LeaseBreaker.LateAnswersAllowed, _asked);

        // After the pause one alone tries; its good answer lets all in again.
        _time.Advance(LeaseBreaker.Pause);
        _answer = static _ => """{"verdict":"Uncacheable"}""";
        Task<LeaseReply> trial = AskAsync();
        Assert.True(AskAsync().IsCompletedSuccessfully);
        Assert.Equal(LeaseVerdict.Uncacheable, (await trial).Verdict);
        Assert.Equal(LeaseVerdict.Uncacheable, (await AskAsync()).Verdict);
    }

    [Fact]
    public async Task A_dead_silo_costs_one_request_a_pause()
    {
        await _silo.DisposeAsync();
        Assert.Equal(LeaseVerdict.Slow, (await AskAsync()).Verdict);
        for (int i = 0; i < 1000; i++)
        {
            Assert.True(AskAsync().IsCompletedSuccessfully);
        }
    }

    [Fact]
    public async Task A_caller_who_leaves_is_let_go_and_says_nothing_about_the_silo()
    {
        _answer = _ => "";
        for (int i = 1; i <= LeaseBreaker.LateAnswersAllowed + 1; i++)
        {
            using CancellationTokenSource caller = new();
            Task<LeaseReply> asking = _client.AcquireAsync(Request(), caller.Token);
            await Eventually.IsTrueAsync(() => Volatile.Read(ref _asked) == i);
            await caller.CancelAsync();
            Assert.Equal(LeaseVerdict.Slow, (await asking).Verdict);
        }
    }

    [Fact]
    public async Task Reports_of_one_key_arrive_in_order()
    {
        for (int i = 0; i < 50; i++)
        {
            _client.Report(Report("*/a", $"{i}"));
        }

        await Eventually.IsTrueAsync(() => _reports.Count == 50);
        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"{i}"), _reports.Select(r => r.LeaseId));
        Assert.Equal(0, _client.DroppedReports);
    }

    [Fact]
    public async Task Reports_that_pile_up_are_dropped_from_the_oldest_and_counted()
    {
        TaskCompletionSource gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        ConcurrentQueue<string> sent = new();
        await using LeaseReports reports = new(
            async (report, _) =>
            {
                await gate.Task;
                sent.Enqueue(report.LeaseId);
                return true;
            },
            _time);
        reports.Add(Report("*/a", "0"));
        await Eventually.IsTrueAsync(() =>
        {
            // Once the first is under way the lane takes a full load without loss.
            return _time.ArmedTimers > 0;
        });
        const int Extra = 7;
        for (int i = 1; i <= LeaseReports.ReportsPerLane + Extra; i++)
        {
            reports.Add(Report("*/a", $"{i}"));
        }

        Assert.Equal(Extra, reports.Dropped);
        gate.SetResult();
        await Eventually.IsTrueAsync(() => sent.Count == LeaseReports.ReportsPerLane + 1);
        Assert.Equal(["0", .. Enumerable.Range(1 + Extra, LeaseReports.ReportsPerLane).Select(i => $"{i}")], sent);
    }

    [Fact]
    public async Task Reports_without_a_silo_are_counted_as_dropped()
    {
        _board.Current = Connected(null);
        _client.Report(Report("*/a", "1"));
        await Eventually.IsTrueAsync(() => _client.DroppedReports == 1);
        Assert.Empty(_reports);
    }

    private static LeaseReport Report(string key, string id) =>
        new() { Key = key, LeaseId = id, Outcome = LeaseOutcome.Stored, Cursor = PurgeCursor.None };
}
