using Microsoft.AspNetCore.Http;
using OrleansCdn.Edge.Origin;

namespace OrleansCdn.Edge.Cache;

/// <summary>Why those who wait for a fill were woken.</summary>
public enum FillVerdict
{
    /// <summary>The header is here and may be shared: read the body along, it may still be growing.</summary>
    Streaming,

    /// <summary>The answer is for one request alone: everyone else goes to the origin by itself.</summary>
    Uncacheable,

    /// <summary>No answer, or an error of the origin: one of those who wait tries once more.</summary>
    Failed,
}

/// <summary>How a fill came out.</summary>
public sealed record FillResult
{
    public required FillVerdict Verdict { get; init; }

    /// <summary>With <see cref="FillVerdict.Streaming"/>.</summary>
    public StoredResponse? Response { get; init; }

    /// <summary>With <see cref="FillVerdict.Streaming"/>: the origin confirmed what was stored (304).</summary>
    public bool IsRevalidated { get; init; }

    /// <summary>With <see cref="FillVerdict.Uncacheable"/>, or an error answer: for the leader alone, see <see cref="Fill.TakeUpstream"/>.</summary>
    internal UpstreamResponse? Upstream { get; init; }

    /// <summary>
    /// With <see cref="FillVerdict.Streaming"/>: the leader's place at the beginning of a body that may outrun it, see <see cref="Fill.TakeReader"/>.
    /// </summary>
    internal BodyReader? Reader { get; init; }

    /// <summary>With <see cref="FillVerdict.Failed"/>.</summary>
    public UpstreamFailure Failure { get; init; }

    public NotStoredReason NotStored { get; init; }

    /// <summary>Status of the last answer from upstream; 0: there was none.</summary>
    public int UpstreamStatus { get; init; }

    /// <summary>Whether the answer came from another edge.</summary>
    public bool FromPeer { get; init; }
}

// The source has neither a timer nor a link, so that there is nothing to dispose of.
#pragma warning disable CA1001
/// <summary>One fetch on behalf of all requests that want the same; it outlives the request that began it.</summary>
/// <param name="stamp">See <see cref="Stamp"/>.</param>
/// <param name="startedAt">Monotonic seconds.</param>
public sealed class Fill(CacheKey key, VarySelector selector, long stamp, double startedAt)
{
    private readonly CancellationTokenSource _cancellation = new();
    private volatile VarySelector _selector = selector;
    private volatile bool _invalidated;
    private readonly TaskCompletionSource<FillResult> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private UpstreamResponse? _upstream;
    private BodyReader? _reader;
    private Fill? _retry;
    private int _waiting = 1;
    private bool _leaderLeft;

    public CacheKey Key { get; } = key;

    /// <summary><see cref="PurgeIndex.Applied"/> when it began: later purges cover what it brings.</summary>
    public long Stamp { get; } = stamp;

    /// <summary>Monotonic seconds; see <see cref="FillPatience"/>.</summary>
    public double StartedAt { get; } = startedAt;

    /// <summary>Nobody joins it: its key is known not to be cacheable.</summary>
    public bool IsAlone { get; init; }

    /// <summary>The fill that one of those who waited for this one began when it had failed; null: none yet.</summary>
    public Fill? Retry => Volatile.Read(ref _retry);

    /// <summary>Lets those who come late from <paramref name="failed"/> find this one, even when it has ended too.</summary>
    public Fill AsRetryOf(Fill? failed)
    {
        if (failed is not null)
        {
            Interlocked.CompareExchange(ref failed._retry, this, null);
        }

        return this;
    }

    /// <summary>What the origin says while those who wait, wait.</summary>
    public InterimResponses Interim { get; } = new();

    /// <summary>Completes when the header is here or cannot be had.</summary>
    public Task<FillResult> Result => _result.Task;

    /// <summary>Completes when the fill is over and what it brought is stored, where it is.</summary>
    public Task Ended => _ended.Task;

    public CancellationToken Cancellation => _cancellation.Token;

    /// <summary>Whether the selecting fields, as far as they are known, are the same in this request.</summary>
    public bool Serves(IHeaderDictionary request) => _selector.Matches(request);

    /// <summary>Set when the header has told what the response varies by.</summary>
    public VarySelector Selector
    {
        get => _selector;
        set => _selector = value;
    }

    /// <summary>Tags of the response, once the header is here.</summary>
    public string[] Tags { get; set; } = [];

    /// <summary>What is being read along, once the header is here.</summary>
    public CachedBody? Body { get; set; }

    /// <summary>The blocks that it began with one of, once the header is here.</summary>
    public SlicedBody? Slices { get; set; }

    /// <summary>An unsafe method changed the resource since it began (RFC 9111 §4.4): what it brings is not stored.</summary>
    public bool IsInvalidated
    {
        get => _invalidated;
        set => _invalidated = value;
    }

    /// <summary>False when nobody waits any more and it is being ended.</summary>
    public bool TryJoin()
    {
        lock (_lock)
        {
            if (_cancellation.IsCancellationRequested)
            {
                return false;
            }

            _waiting++;
            return true;
        }
    }

    /// <summary>One of the requests is no longer interested; a fill that nobody waits for and that has no header yet ends.</summary>
    public void Leave(bool isLeader)
    {
        UpstreamResponse? orphan = null;
        BodyReader? unread = null;
        lock (_lock)
        {
            _waiting--;
            if (isLeader)
            {
                _leaderLeft = true;
                (orphan, _upstream) = (_upstream, null);
                (unread, _reader) = (_reader, null);
            }

            if (_waiting == 0 && !_result.Task.IsCompleted)
            {
                _cancellation.Cancel();
            }
        }

        orphan?.Dispose();
        unread?.Dispose();
    }

    /// <summary>Whether any request still waits or reads.</summary>
    public bool IsWanted
    {
        get
        {
            lock (_lock)
            {
                return _waiting > 0;
            }
        }
    }

    public void Finish(FillResult result)
    {
        bool isOrphan;
        lock (_lock)
        {
            isOrphan = _leaderLeft;
            (_upstream, _reader) = isOrphan ? (null, null) : (result.Upstream, result.Reader);
        }

        if (isOrphan)
        {
            result.Upstream?.Dispose();
            result.Reader?.Dispose();
        }

        _result.TrySetResult(result);
    }

    /// <summary>By its runner, at the very end.</summary>
    public void End() => _ended.TrySetResult();

    /// <summary>Hands the answer that only one request may have to the leader, who then owns it.</summary>
    public UpstreamResponse? TakeUpstream()
    {
        lock (_lock)
        {
            (UpstreamResponse? taken, _upstream) = (_upstream, null);
            return taken;
        }
    }

    /// <summary>Hands the leader its place at the beginning of the body, which it then owns; null for everyone else.</summary>
    public BodyReader? TakeReader()
    {
        lock (_lock)
        {
            (BodyReader? taken, _reader) = (_reader, null);
            return taken;
        }
    }
}
