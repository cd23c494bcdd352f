using System.Collections.Immutable;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Edge.Control;

/// <summary>
/// Keeps one feed connection to a silo of the list for as long as the process runs: own PoP's silo first (the list's
/// order), the next one after each failure. The data plane never waits for it.
/// </summary>
internal sealed partial class FeedClient(
    ImmutableArray<Uri> silos,
    HttpMessageInvoker http,
    EdgeState state,
    EdgeMetrics metrics,
    ControlJournal journal,
    FeedStatusBoard board,
    string softwareVersion,
    TimeProvider time,
    Random random,
    ILogger logger) : BackgroundService
{
    /// <summary>A connection that held this long has proved itself: then the first silo of the list is tried again, at once.</summary>
    public static readonly TimeSpan StableAfter = Backoff.Longest;

    private readonly Lock _lock = new();
    private readonly Backoff _backoff = new(random);
    private readonly string _instance = Convert.ToHexStringLower(Bytes(random));
    private EdgeAddresses _addresses = new();
    private CancellationTokenSource _introduction = new();
    private long? _welcomedAt;
    private volatile Func<ExplainQuestion, Task<Explanation>>? _explain;
    private volatile Action<PrewarmBatch, Action<EdgePrewarmed>>? _prewarm;
    private volatile Func<CoverageQuestion, Task<Coverage>>? _cover;

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

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        int next = 0;
        while (!stoppingToken.IsCancellationRequested)
        {
            Uri silo = silos[next];
            FeedEnd end = await ConnectAsync(silo, stoppingToken);
            bool stable = _welcomedAt is { } since && time.GetElapsedTime(since) >= StableAfter;
            Record(silo, end);
            if (_welcomedAt is null)
            {
                state.CatchUp?.Failed();
            }

            if (end.Reason == FeedEndReason.AddressesChanged)
            {
                continue; // same silo, no wait: nothing has failed
            }

            if (stable)
            {
                _backoff.Reset();
            }

            next = stable ? 0 : (next + 1) % silos.Length;
            await Task.Delay(_backoff.Next(), time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public override void Dispose()
    {
        _introduction.Dispose();
        base.Dispose();
    }

    private async Task<FeedEnd> ConnectAsync(Uri silo, CancellationToken stoppingToken)
    {
        EdgeAddresses addresses;
        CancellationToken introduction;
        lock (_lock)
        {
            (addresses, introduction) = (_addresses, _introduction.Token);
        }

        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, introduction);
        _welcomedAt = null;
        FeedConnection connection = new(silo, http, Hello(addresses), state, metrics, journal, time, logger) 
        {
            Welcomed = () => OnWelcome(silo),
            ConfigApplied = () => ConfigApplied?.Invoke(),
            Prewarm = (batch, report) => _prewarm?.Invoke(batch, report),
            Answer = question => question switch
            {
                ExplainQuestion explain => ExplainAsync(explain),
                CoverageQuestion coverage => CoverAsync(coverage),
                _ => null,
            },
        };
        try
        {
            FeedEnd end = await connection.RunAsync(stop.Token);
            return end.Reason == FeedEndReason.Stopping && !stoppingToken.IsCancellationRequested
                ? new FeedEnd(FeedEndReason.AddressesChanged, "this edge's addresses are known now")
                : end;
        }
        catch (Exception e)
        {
            // A bug here costs a connection, not the loop and not the data plane.
            LogFault(silo, e);
            return new FeedEnd(FeedEndReason.Closed, $"unexpected {e.GetType().Name}");
        }
    }

    private EdgeHello Hello(EdgeAddresses addresses) => new()
    {
        Protocol = FeedProtocol.Version,
        Pop = state.Pop,
        Edge = state.Edge,
        Instance = _instance,
        SoftwareVersion = softwareVersion,
        ConfigVersion = state.Snapshot?.Version ?? 0,
        ConfigEpoch = state.Snapshot?.Epoch,
        Cursor = Standing(),
        TakesAhead = true,
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

    private void OnWelcome(Uri silo)
    {
        _welcomedAt = time.GetTimestamp();
        board.Current = new FeedStatus(FeedState.Connected, silo, time.GetUtcNow(), board.Current.LastEnd);
        LogConnected(silo);
    }

    /// <summary>Logs transitions only: a silo that stays away is one line, unless the reason changes.</summary>
    private void Record(Uri silo, FeedEnd end)
    {
        FeedStatus before = board.Current;
        if (before.State == FeedState.Connected)
        {
            board.Current = new FeedStatus(FeedState.Disconnected, null, time.GetUtcNow(), end);
            if (end.Reason is FeedEndReason.Stopping or FeedEndReason.AddressesChanged)
            {
                LogLeft(silo, end.Detail);
            }
            else
            {
                LogDisconnected(silo, end.Reason, end.Detail);
            }
        }
        else
        {
            board.Current = before with { LastEnd = end };
            if (before.LastEnd != end && end.Reason != FeedEndReason.Stopping)
            {
                LogAttemptFailed(silo, end.Reason, end.Detail);
            }
        }
    }

    private static byte[] Bytes(Random random)
    {
        byte[] bytes = new byte[8];
        random.NextBytes(bytes);
        return bytes;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "connected to {Silo}")]
    private partial void LogConnected(Uri silo);

    [LoggerMessage(Level = LogLevel.Information, Message = "left {Silo}: {Detail}")]
    private partial void LogLeft(Uri silo, string detail);

    [LoggerMessage(Level = LogLevel.Warning, Message = "lost {Silo} ({Reason}): {Detail}. Requests are served with what is known; the next silo is tried")]
    private partial void LogDisconnected(Uri silo, FeedEndReason reason, string detail);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Silo} does not serve ({Reason}): {Detail}. It is tried again until it does")]
    private partial void LogAttemptFailed(Uri silo, FeedEndReason reason, string detail);

    [LoggerMessage(Level = LogLevel.Error, Message = "an unexpected error on the connection to {Silo}; it is made anew")]
    private partial void LogFault(Uri silo, Exception exception);
}
