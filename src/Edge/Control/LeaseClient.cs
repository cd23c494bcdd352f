using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Edge.Control;

/// <summary>Asks a silo who fills an object. Never throws and never outlasts the request's wait: without a silo the answer is to go on alone.</summary>
/// <remarks>
/// It speaks to the silo that the feed is connected to. While there is none, every answer is
/// <see cref="LeaseVerdict.Slow"/> at once: the feed finds out when a silo is back, so that no miss has to.
/// </remarks>
public sealed class LeaseClient : IAsyncDisposable
{
    /// <summary>More misses than this that wait at the same time go on alone: each holds a stream of the connection to the silo.</summary>
    public const int MaxConcurrent = 1024;

    /// <summary>Part of the caller's wait that the silo may use; the rest is for the way there and back.</summary>
    private const double SilosShare = 0.85;

    private static readonly LeaseReply Alone = new() { Verdict = LeaseVerdict.Slow };

    private readonly HttpMessageInvoker? _http;
    private readonly FeedStatusBoard _board;
    private readonly TimeProvider _time;
    private readonly LeaseBreaker _breaker;
    private readonly LeaseReports? _reports;
    private int _waiting;

    private LeaseClient(HttpMessageInvoker? http, FeedStatusBoard board, TimeProvider time)
    {
        _http = http;
        _board = board;
        _time = time;
        _breaker = new LeaseBreaker(time.TimestampFrequency);
        _reports = http is null ? null : new LeaseReports(SendReportAsync, time);
    }

    /// <summary>For an edge without silos.</summary>
    public static LeaseClient WithoutSilo(TimeProvider time) =>
        new(null, new FeedStatusBoard(new FeedStatus(FeedState.Standalone, null, time.GetUtcNow(), null)), time);

    internal static LeaseClient Over(HttpMessageInvoker http, FeedStatusBoard board, TimeProvider time) => new(http, board, time);

    /// <summary>Reports that no silo has got.</summary>
    public long DroppedReports => _reports?.Dropped ?? 0;

    /// <summary>The silo's verdict, or <see cref="LeaseVerdict.Slow"/> when it has none by then or the caller gives up.</summary>
    public async Task<LeaseReply> AcquireAsync(LeaseRequest request, CancellationToken cancellationToken)
    {
        if (_http is null || _board.Current.Silo is not { } silo || request.Wait <= TimeSpan.Zero || !_breaker.Allows(_time.GetTimestamp()))
        {
            return Alone;
        }

        try
        {
            return Interlocked.Increment(ref _waiting) <= MaxConcurrent ? await AskAsync(_http, silo, request, cancellationToken) : Alone;
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    /// <summary>Tells the silo how a fill goes; returns at once. When reports pile up the oldest are dropped.</summary>
    public void Report(LeaseReport report) => _reports?.Add(report);

    public ValueTask DisposeAsync() => _reports?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task<LeaseReply> AskAsync(HttpMessageInvoker http, Uri silo, LeaseRequest request, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = new(request.Wait, _time);
        using CancellationTokenSource linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            LeaseReply reply = await LeaseExchange.AcquireAsync(http, silo, request with { Wait = request.Wait * SilosShare }, linked.Token);
            _breaker.Answered();
            return reply;
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            _breaker.Late(_time.GetTimestamp());
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The caller left: that says nothing about the silo.
        }
        catch (Exception e) when (TransportFailure.Is(e) || e is OperationCanceledException)
        {
            _breaker.Broken(_time.GetTimestamp());
        }

        return Alone;
    }

    private async Task<bool> SendReportAsync(LeaseReport report, CancellationToken cancellationToken)
    {
        if (_http is null || _board.Current.Silo is not { } silo)
        {
            return false;
        }

        try
        {
            await LeaseExchange.ReportAsync(_http, silo, report, cancellationToken);
            return true;
        }
        catch (Exception e) when (TransportFailure.Is(e) || e is OperationCanceledException)
        {
            return false;
        }
    }
}
