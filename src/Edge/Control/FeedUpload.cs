using System.Collections.Immutable;
using System.Threading.Channels;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Contracts.Dns;

namespace OrleansCdn.Edge.Control;

/// <summary>
/// The edge's half of one feed connection: the hello, then acknowledgements of what is on disk and heartbeats, at last a farewell. Whatever
/// arrives while a flush of the disk or a write is under way is covered by the next one.
/// </summary>
internal sealed class FeedUpload : IDisposable
{
    /// <summary>Answers that wait to be written; as many as a silo asks at a time. One too many is dropped, and the asker told that none came.</summary>
    private const int MaxAnswers = 64;

    private readonly EdgeHello _hello;
    private readonly EdgeState _state;
    private readonly EdgeMetrics _metrics;
    private readonly ControlJournal _journal;
    private readonly TimeProvider _time;

    // One place is enough: it says that there is something to look at, not what.
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Channel<EdgeAnswer> _answers = Channel.CreateBounded<EdgeAnswer>(
        new BoundedChannelOptions(MaxAnswers) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>What of popularity is left to tell: one part at a time, so that acknowledgements go between.</summary>
    private readonly Queue<EdgePopularity> _popularity = new();

    /// <summary>Results of prewarm tasks that wait to be written: all that may be queued at a time, and be refused at once.</summary>
    private const int MaxResults = 2 * PrewarmQueue.MaxQueued;

    private readonly Channel<EdgePrewarmed> _results = Channel.CreateBounded<EdgePrewarmed>(
        new BoundedChannelOptions(MaxResults) { FullMode = BoundedChannelFullMode.DropWrite });

    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ITimer _heartbeat;
    private long _popularityTold;
    private volatile bool _heartbeatDue;
    private volatile bool _leaving;

    public FeedUpload(EdgeHello hello, EdgeState state, EdgeMetrics metrics, ControlJournal journal, TimeProvider time)
    {
        _hello = hello;
        _state = state;
        _metrics = metrics;
        _journal = journal;
        _time = time;
        _popularityTold = time.GetTimestamp();
        _heartbeat = time.CreateTimer(_ => SendHeartbeat(), null, FeedProtocol.HeartbeatInterval, FeedProtocol.HeartbeatInterval);
    }

    /// <summary>Something was applied that has to go to disk and be acknowledged.</summary>
    public void Applied() => _wake.Writer.TryWrite(true);

    /// <summary>Tells the silo at once how this edge stands.</summary>
    public void SendHeartbeat()
    {
        _heartbeatDue = true;
        _wake.Writer.TryWrite(true);
    }

    /// <summary>Says as the last thing that this edge stops; done when the silo has ended the connection for it.</summary>
    public Task LeaveAsync()
    {
        _leaving = true;
        _wake.Writer.TryWrite(true);
        return _left.Task;
    }

    public void Answer(EdgeAnswer answer)
    {
        _answers.Writer.TryWrite(answer);
        _wake.Writer.TryWrite(true);
    }

    public void Answer(EdgePrewarmed results)
    {
        _results.Writer.TryWrite(results);
        _wake.Writer.TryWrite(true);
    }

    /// <summary>Runs until cancelled, or until the silo does not take a line within the silence limit.</summary>
    /// <exception cref="TimeoutException">The silo does not read.</exception>
    public async Task RunAsync(Stream stream, CancellationToken cancellationToken)
    {
        LineWriter<EdgeMessage> lines = new(stream, ContractsJson.Default.EdgeMessage, _time);
        PurgeCursor acknowledged = _hello.Cursor;
        await lines.WriteAsync(_hello, cancellationToken);
        while (await _wake.Reader.WaitToReadAsync(cancellationToken))
        {
            _wake.Reader.TryRead(out _);
            // The purges themselves before the cursor that says that they are known: what is on disk is compared with them.
            PurgeCursor applied = _state.Purges.Cursor;
            EdgeSnapshot? snapshot = _state.Snapshot;
            Eligibility eligibility = _state.Eligibility;
            DnsSecrets? secrets = _state.DnsSecrets;
            _state.Purges.Flush();
            _journal.CatchUp(snapshot, eligibility, applied, secrets);
            if (_journal.SavedCursor != acknowledged)
            {
                acknowledged = _journal.SavedCursor;
                await lines.WriteAsync(new EdgeAck(acknowledged), cancellationToken);
            }

            while (_answers.Reader.TryRead(out EdgeAnswer? answer))
            {
                await lines.WriteAsync(answer, cancellationToken);
            }

            while (_results.Reader.TryRead(out EdgePrewarmed? results))
            {
                await lines.WriteAsync(Together(results), cancellationToken);
            }

            if (_leaving)
            {
                // Nothing follows, and the body ends: a request that is aborted takes lines with it that were not read yet.
                await lines.WriteAsync(new EdgeLeaving(), cancellationToken);
                return;
            }

            if (_heartbeatDue)
            {
                _heartbeatDue = false;
                await lines.WriteAsync(Heartbeat(), cancellationToken);
                RefillPopularity();
            }

            if (_popularity.TryDequeue(out EdgePopularity? part))
            {
                await lines.WriteAsync(part, cancellationToken);
                _wake.Writer.TryWrite(true);
            }
        }
    }

    private void RefillPopularity()
    {
        if (_popularity.Count > 0 || _time.GetElapsedTime(_popularityTold) < PopularityLimits.ReportInterval)
        {
            return;
        }

        _popularityTold = _time.GetTimestamp();
        foreach (EdgePopularity part in _metrics.Popularity())
        {
            _popularity.Enqueue(part);
        }
    }

    public void Dispose()
    {
        _heartbeat.Dispose();
        _left.TrySetResult();
    }

    /// <summary>With what follows of the same job, as far as one line goes.</summary>
    private EdgePrewarmed Together(EdgePrewarmed first)
    {
        ImmutableArray<PrewarmResult>.Builder all = ImmutableArray.CreateBuilder<PrewarmResult>();
        all.AddRange(first.Results);
        while (all.Count < PrewarmBatch.MaxTasks && _results.Reader.TryPeek(out EdgePrewarmed? next) && next.Job == first.Job
            && _results.Reader.TryRead(out next))
        {
            all.AddRange(next.Results);
        }

        return first with { Results = all.ToImmutable() };
    }

    private EdgeHeartbeat Heartbeat() => new()
    {
        ConfigVersion = _state.Snapshot?.Version ?? 0,
        Cursor = _journal.SavedCursor,
        Eligibility = _journal.SavedEligibility.Epoch,
        Counters = _metrics.Snapshot(),
        Condition = _metrics.Condition(),
        Dns = _journal.SavedSecrets,
    };
}
