using System.Collections.Immutable;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Contracts.Dns;

namespace OrleansCdn.Edge.Control;

/// <summary>The edge's feed: what it says of itself, and who answers what it is asked.</summary>
internal sealed class FeedClient(
    ImmutableArray<Uri> silos,
    HttpMessageInvoker http,
    EdgeState state,
    EdgeMetrics metrics,
    ControlJournal journal,
    FeedStatusBoard board,
    string softwareVersion,
    TimeProvider time,
    Random random,
    ILogger logger) : FeedLink(silos, board, time, random, logger)
{
    /// <summary>What a stop waits at most for its farewell to be heard: a round trip to another continent, and the silo's durable work in between.</summary>
    private static readonly TimeSpan FarewellPatience = TimeSpan.FromMilliseconds(500);

    private readonly TimeProvider _time = time;
    private readonly ILogger _logger = logger;
    private readonly Lock _lock = new();
    private EdgeAddresses _addresses = new();
    private CancellationTokenSource _introduction = new();
    private volatile FeedUpload? _speaking;
    private volatile bool _isLeaving;
    private volatile Func<ExplainQuestion, Task<Explanation>>? _explain;
    private volatile Action<PrewarmBatch, Action<EdgePrewarmed>>? _prewarm;
    private volatile Func<CoverageQuestion, Task<Coverage>>? _cover;
    private volatile Func<DnsQuestion, DnsExplanation?>? _explainDns;

    /// <summary>A new config is in force; raised on the feed's reader, so that handlers are short.</summary>
    public event Action? ConfigApplied;

    /// <summary>Answers questions about the cache; null while there is none to ask.</summary>
    public Func<ExplainQuestion, Task<Explanation>>? Explain
    {
        get => _explain;
        set => _explain = value;
    }

    /// <summary>Executes tasks of prewarm jobs; null while there is no cache, and then nobody answers.</summary>
    public Action<PrewarmBatch, Action<EdgePrewarmed>>? Prewarm
    {
        get => _prewarm;
        set => _prewarm = value;
    }

    /// <summary>Tells what a purge would cover; null while there is no store to look through.</summary>
    public Func<CoverageQuestion, Task<Coverage>>? Cover
    {
        get => _cover;
        set => _cover = value;
    }

    /// <summary>Answers what the nameserver would; null, also in answer: there is none.</summary>
    public Func<DnsQuestion, DnsExplanation?>? ExplainDns
    {
        get => _explainDns;
        set => _explainDns = value;
    }

    /// <summary>Where this edge listens. A silo that was told otherwise is told anew, by another connection.</summary>
    public void Announce(EdgeAddresses addresses)
    {
        CancellationTokenSource old;
        lock (_lock)
        {
            if (_addresses == addresses)
            {
                return;
            }

            _addresses = addresses;
            old = _introduction;
            _introduction = new CancellationTokenSource();
        }

        old.Cancel();
        old.Dispose();
    }

    /// <summary>Something has changed that the silo is to know before the next heartbeat is due.</summary>
    public void Tell() => _speaking?.SendHeartbeat();

    /// <summary>Before a stop that is meant: tells the silo that this edge is going, so that it is not taken for one that is out of sight.</summary>
    public async Task FarewellAsync()
    {
        _isLeaving = true;
        if (_speaking is { } upload)
        {
            await upload.LeaveAsync().WaitAsync(FarewellPatience, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    protected override void OnFailed() => state.CatchUp?.Failed();

    public override void Dispose()
    {
        _introduction.Dispose();
        base.Dispose();
    }

    protected override async Task<FeedEnd> ConnectAsync(Uri silo, CancellationToken stoppingToken)
    {
        if (_isLeaving)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, _time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return new FeedEnd(FeedEndReason.Stopping, "this edge stops");
        }

        EdgeAddresses addresses;
        CancellationToken introduction;
        lock (_lock)
        {
            (addresses, introduction) = (_addresses, _introduction.Token);
        }

        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, introduction);
        FeedConnection connection = new(silo, http, Hello(addresses), state, metrics, journal, _time, _logger)
        {
            Welcomed = () => OnWelcome(silo),
            ConfigApplied = () => ConfigApplied?.Invoke(),
            Speaking = upload => _speaking = upload,
            Prewarm = (batch, report) => _prewarm?.Invoke(batch, report),
            Answer = question => question switch
            {
                ExplainQuestion explain => ExplainAsync(explain),
                CoverageQuestion coverage => CoverAsync(coverage),
                DnsQuestion asked when _explainDns?.Invoke(asked) is { } explanation => Task.FromResult<EdgeAnswer>(new EdgeDnsExplained(asked.Id, explanation)),
                _ => null,
            },
        };
        FeedEnd end = await connection.RunAsync(stop.Token);
        if (_isLeaving)
        {
            return new FeedEnd(FeedEndReason.Stopping, "this edge stops");
        }

        return end.Reason == FeedEndReason.Stopping && !stoppingToken.IsCancellationRequested
            ? new FeedEnd(FeedEndReason.AddressesChanged, "this edge's addresses are known now")
            : end;
    }

    private EdgeHello Hello(EdgeAddresses addresses) => new()
    {
        Protocol = FeedProtocol.Version,
        Pop = state.Pop,
        Edge = state.Edge,
        Instance = Instance,
        SoftwareVersion = softwareVersion,
        ConfigVersion = state.Snapshot?.Version ?? 0,
        ConfigEpoch = state.Snapshot?.Epoch,
        Cursor = Standing(),
        TakesAhead = true,
        Eligibility = journal.SavedEligibility.Epoch,
        Dns = journal.SavedSecrets ?? DnsHeld.Nothing,
        Addresses = addresses,
    };

    private async Task<EdgeAnswer> ExplainAsync(ExplainQuestion question) =>
        new EdgeExplained(question.Id, _explain is { } explain ? await explain(question) : NotReady());

    private async Task<EdgeAnswer> CoverAsync(CoverageQuestion question) => new EdgeCovered(
        question.Id,
        _cover is { } cover ? await cover(question) : new Coverage { Memory = new CoveredTier(0, 0, 0, 0, IsComplete: false, []), Note = "this edge does not serve yet" });

    private Explanation NotReady() => new()
    {
        Verdict = ExplainVerdict.NotReady,
        Detail = "this edge does not serve yet",
        ConfigVersion = state.Snapshot?.Version ?? 0,
        PurgeCursor = state.Purges.Cursor,
        PurgesApplied = state.Purges.Applied,
    };

    /// <summary>What is on disk; when the disk still has another log than the one in force, then nothing is known for certain.</summary>
    private PurgeCursor Standing() =>
        journal.SavedCursor.Epoch == state.Purges.Cursor.Epoch ? journal.SavedCursor : PurgeCursor.None;
}
