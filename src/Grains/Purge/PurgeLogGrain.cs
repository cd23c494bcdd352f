using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Grains.Purge;

/// <summary>Performs the writes that <see cref="PurgeLog"/> plans, one group at a time, and tells the PoPs.</summary>
internal sealed partial class PurgeLogGrain : Grain, IPurgeLogGrain
{
    /// <summary>Entries that wait for their write: a handful of requests of the largest size. More is refused as busy.</summary>
    private const int MaxPendingEntries = 100_000;

    private readonly IPersistentState<PurgeLogHead> _row;
    private readonly TimeProvider _time;
    private readonly PurgeLogOptions _options;
    private readonly ILogger<PurgeLogGrain> _logger;
    private readonly SteadyClock _clock;
    private readonly PushGroup _pops;
    private readonly PushGroup _ahead;
    private readonly Dictionary<string, PurgeCursor> _popCursors = [];
    private List<Pending> _pending = [];
    private int _pendingEntries;
    private bool _writing;
    private bool _dropDue;

    /// <summary>What is being written; null: nothing is.</summary>
    private PurgePushAhead? _underWay;
    private Task<PurgeKeys>? _keys;
    private PurgeLog _log = new(new PurgeLogHead(), []);

    private sealed record Pending(PurgeAppend Append, TaskCompletionSource<PurgeReceipt> Done);

    public PurgeLogGrain(
        [PersistentState("purge-log", GrainKeys.Storage)] IPersistentState<PurgeLogHead> row, TimeProvider time, PurgeLogOptions options,
        ILogger<PurgeLogGrain> logger)
    {
        (_row, _time, _options, _logger, _clock) = (row, time, options, logger, new SteadyClock(time));
        _pops = new PushGroup(PushAsync, time);
        _ahead = new PushGroup(PushAheadAsync, time);
    }

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        PurgeLogHead stored = _row.RecordExists ? _row.State : new PurgeLogHead();
        if (stored.Format > PurgeLogHead.CurrentFormat)
        {
            throw new InvalidOperationException(
                $"the stored purge log has format {stored.Format}, this software reads up to {PurgeLogHead.CurrentFormat}: run the newer software that wrote it");
        }

        var opening = new PurgeLogOpening(stored);
        while (opening.NextSegment is { } segment)
        {
            opening.Offer(await Segment(segment).ReadAsync(cancellationToken));
        }

        (_log, bool isNew) = opening.Finish(Guid.NewGuid().ToString("N"));
        if (isNew)
        {
            _row.State = _log.Head;
            await _row.WriteStateAsync(CancellationToken.None);
            if (stored.Epoch.Length > 0)
            {
                LogLost(stored.LastSegment, stored.Epoch, _log.Head.Epoch);
            }
        }

        LogOpened(_log.End);
        this.RegisterGrainTimer(DropAsync, PurgeLogOptions.DropInterval, PurgeLogOptions.DropInterval);
    }

    public async Task<PurgeAppendOutcome> AppendAsync(PurgeAppend append, CancellationToken cancellationToken)
    {
        if (append.Values.IsDefaultOrEmpty)
        {
            throw new ArgumentException("an append has at least one value", nameof(append));
        }

        PurgeKeys? keys = append.Key is null ? null : await KeysAsync().WaitAsync(cancellationToken);
        // Nothing else runs between this look and the Begin below: of two that come at once, one is appended.
        if (keys?.Find(append.Key!, _time.GetUtcNow()) is { } first)
        {
            return first.Content == append.Key!.Content
                ? new PurgeAppendOutcome(PurgeAppendVerdict.Repeated, await first.Receipt.WaitAsync(cancellationToken))
                : new PurgeAppendOutcome(PurgeAppendVerdict.KeyTaken, null);
        }

        if (_pendingEntries + append.Values.Length > MaxPendingEntries)
        {
            return new PurgeAppendOutcome(PurgeAppendVerdict.Busy, null);
        }

        var pending = new Pending(append, new TaskCompletionSource<PurgeReceipt>(TaskCreationOptions.RunContinuationsAsynchronously));
        keys?.Begin(append.Key!, pending.Done.Task);
        _pending.Add(pending);
        _pendingEntries += append.Values.Length;
        if (!_writing)
        {
            _ = WriteGroupsAsync();
        }

        return new PurgeAppendOutcome(PurgeAppendVerdict.Stored, await pending.Done.Task.WaitAsync(cancellationToken));
    }

    public Task<PurgeCursor> EndAsync(CancellationToken cancellationToken) => Task.FromResult(_log.End);

    public async Task<PurgeRead> ReadAsync(PurgeCursor after, CancellationToken cancellationToken)
    {
        long next = PurgeLog.SegmentOf(after.Sequence + 1);
        return _log.Locate(after) switch
        {
            PurgeLogPlace.End => _log.Nothing(),
            PurgeLogPlace.InMemory => _log.Read(after, _log.InMemory(next)),
            PurgeLogPlace.InStorage => _log.Read(after, await Segment(next).ReadAsync(cancellationToken)),
            _ => _log.Gap(),
        };
    }

    public async Task<PurgeRead> SyncAsync(string pop, PurgeCursor after, CancellationToken cancellationToken)
    {
        PurgeRead read = await ReadAsync(after, cancellationToken);
        if (_popCursors.ContainsKey(pop) || _popCursors.Count < GrainLimits.MaxPops)
        {
            _popCursors[pop] = read.Through;
        }

        _pops.Join(pop);
        _ahead.Join(pop);
        return read;
    }

    public async Task<PurgeReceipt?> FindAsync(string id, CancellationToken cancellationToken)
    {
        if (!PurgeId.TryParse(id, out PurgeCursor cursor) || cursor.Epoch != _log.End.Epoch
            || cursor.Sequence > _log.End.Sequence || cursor.Sequence < _log.Oldest)
        {
            return null;
        }

        long index = PurgeLog.SegmentOf(cursor.Sequence);
        PurgeSegment segment = _log.InMemory(index) ?? await Segment(index).ReadAsync(cancellationToken);
        return segment.Receipts.FirstOrDefault(receipt => receipt.Cursor == cursor);
    }

    /// <summary>Read from the log when the first key comes, since most logs hold none. Every append with a key waits for it.</summary>
    private Task<PurgeKeys> KeysAsync() => _keys is null or { IsFaulted: true } ? _keys = LoadKeysAsync() : _keys;

    private async Task<PurgeKeys> LoadKeysAsync()
    {
        DateTimeOffset now = _time.GetUtcNow();
        var newestFirst = new List<PurgeReceipt>();
        for (long index = _log.Head.LastSegment; index >= _log.Head.FirstSegment && newestFirst.Count < PurgeKeys.MaxKeys; index--)
        {
            PurgeSegment segment = _log.InMemory(index) ?? await Segment(index).ReadAsync(CancellationToken.None);
            if (segment.Epoch != _log.Head.Epoch || (segment.Receipts is [.., { } last] && PurgeKeys.IsOld(last, now)))
            {
                break;
            }

            newestFirst.AddRange(segment.Receipts.Where(receipt => receipt.Key is not null).Reverse());
        }

        newestFirst.Reverse();
        return new PurgeKeys(newestFirst, now);
    }

    private Task DropAsync(CancellationToken cancellationToken)
    {
        _dropDue = true;
        if (!_writing)
        {
            _ = WriteGroupsAsync();
        }

        return Task.CompletedTask;
    }

    /// <summary>One group after the other until nothing waits; old segments are dropped between them. Ends the activation when a write fails: the next one reads what is durable.</summary>
    private async Task WriteGroupsAsync()
    {
        _writing = true;
        List<Pending> group = [];
        try
        {
            while (_pending.Count > 0 || _dropDue)
            {
                if (_pending.Count == 0)
                {
                    _dropDue = false;
                    group = [];
                    await DropOldestAsync();
                    continue;
                }

                group = _pending;
                (_pending, _pendingEntries) = ([], 0);
                await WriteGroupAsync(group);
                _pops.Notify();
            }
        }
        catch (Exception error)
        {
            LogWriteFailed(group.Count, error);
            DeactivateOnIdle();
            foreach (Pending failed in group.Concat(_pending))
            {
                failed.Done.TrySetException(new InvalidOperationException($"the purge could not be stored ({error.Message}): try again", error));
            }

            (_pending, _pendingEntries) = ([], 0);
        }
        finally
        {
            (_writing, _underWay) = (false, null);
        }
    }

    private async Task WriteGroupAsync(List<Pending> group)
    {
        (ImmutableArray<PurgeLogWrite> writes, ImmutableArray<PurgeReceipt> receipts) =
            _log.Plan([.. group.Select(p => p.Append)], _time.GetUtcNow());
        _underWay = _log.Ahead(writes);
        _ahead.Notify();
        int answered = 0;
        foreach (PurgeLogWrite write in writes)
        {
            await PerformAsync(write);
            _log.Written(write);
            while (answered < group.Count && _log.End.Covers(receipts[answered].Cursor))
            {
                group[answered].Done.TrySetResult(receipts[answered]);
                answered++;
            }
        }
    }

    /// <summary>The oldest segment, when it is too old. By a clock that nobody sets while this runs.</summary>
    private async Task DropOldestAsync()
    {
        if (_log.Droppable is not { } index)
        {
            return;
        }

        PurgeSegment oldest;
        try
        {
            oldest = _log.InMemory(index) ?? await Segment(index).ReadAsync(CancellationToken.None);
        }
        catch (Exception error)
        {
            LogNotDropped(index, error);
            return;
        }

        ImmutableArray<PurgeLogWrite> writes = _log.PlanDrop(oldest, _clock.Now, _options.Age);
        foreach (PurgeLogWrite write in writes)
        {
            await PerformAsync(write);
            _log.Written(write);
        }

        if (!writes.IsEmpty)
        {
            LogDropped(index, oldest.Newest, _log.Oldest);
        }
    }

    private async Task PerformAsync(PurgeLogWrite write)
    {
        switch (write)
        {
            case PurgeLogWrite.WriteSegment segment:
                await Segment(segment.Content.Index).WriteAsync(segment.Content, CancellationToken.None);
                break;
            case PurgeLogWrite.WriteHead head:
                _row.State = head.Content;
                await _row.WriteStateAsync(CancellationToken.None);
                break;
            case PurgeLogWrite.ClearSegment clear:
                try
                {
                    await Segment(clear.Segment).ClearAsync(CancellationToken.None);
                }
                catch (Exception error)
                {
                    LogNotCleared(clear.Segment, error);
                }

                break;
        }
    }

    /// <summary>Gives a PoP what follows its place, as far as that is in memory. Anything else it reads at its next sync.</summary>
    private async Task PushAsync(string pop)
    {
        try
        {
            while (_popCursors.TryGetValue(pop, out PurgeCursor after) && _log.Locate(after) == PurgeLogPlace.InMemory)
            {
                PurgeRead read = _log.Read(after, _log.InMemory(PurgeLog.SegmentOf(after.Sequence + 1)));
                if (read.Gap)
                {
                    return;
                }

                _popCursors[pop] = read.Through;
                var batch = new PurgeBatch { Through = read.Through, Entries = read.Entries };
                await GrainFactory.GetGrain<IPopGrain>(pop).PurgesAppendedAsync(new PurgePush(after, batch), CancellationToken.None);
            }
        }
        catch (Exception error)
        {
            LogNotPushed(pop, error);
        }
    }

    /// <summary>
    /// Tells a PoP what is being written, while it is: its edges stop serving it that much sooner. Nobody counts on it, so one that is
    /// late, lost or never written costs nothing but fetches.
    /// </summary>
    private async Task PushAheadAsync(string pop)
    {
        try
        {
            if (_underWay is { } underWay && !_log.End.Covers(underWay.Through))
            {
                await GrainFactory.GetGrain<IPopGrain>(pop).PurgesAheadAsync(underWay, CancellationToken.None);
            }
        }
        catch (Exception error)
        {
            LogNotPushed(pop, error);
        }
    }

    private IPurgeSegmentGrain Segment(long index) => GrainFactory.GetGrain<IPurgeSegmentGrain>(GrainKeys.Of(index));

    [LoggerMessage(Level = LogLevel.Information, Message = "Purge log opened at {End}")]
    private partial void LogOpened(PurgeCursor end);

    [LoggerMessage(Level = LogLevel.Error, Message = "Segment {Segment} of purge log {Epoch} is lost. A new log {NewEpoch} begins: edges will ask the origin about everything they kept.")]
    private partial void LogLost(long segment, string epoch, string newEpoch);

    [LoggerMessage(Level = LogLevel.Error, Message = "A group of {Count} purges could not be written")]
    private partial void LogWriteFailed(int count, Exception error);

    [LoggerMessage(Level = LogLevel.Information, Message = "Purge segment {Segment}, whose newest entry is of {Newest}, is dropped for its age; the log goes back to {Oldest} now")]
    private partial void LogDropped(long segment, DateTimeOffset? newest, long oldest);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The oldest purge segment {Segment} could not be read, and is looked at again later")]
    private partial void LogNotDropped(long segment, Exception error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Old purge segment {Segment} could not be cleared")]
    private partial void LogNotCleared(long segment, Exception error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "PoP {Pop} could not be pushed to; it asks by itself")]
    private partial void LogNotPushed(string pop, Exception error);
}
