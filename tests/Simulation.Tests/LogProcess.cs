using System.Collections.Immutable;
using System.Globalization;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Grains;
using OrleansCdn.Grains.Purge;

namespace OrleansCdn.Simulation.Tests;

/// <summary>
/// The process of the purge log: the log itself, and around it what its grain does, over rows that are durable one by one.
/// </summary>
internal sealed class LogProcess(ClockScheduler scheduler, Network network, Promises promises, Mutation mutation)
{
    public const string Name = "log";

    private readonly Dictionary<long, PurgeSegment> _segments = [];
    private readonly Dictionary<string, (PurgeCursor Cursor, TimeSpan Until)> _pops = [];
    private PurgeLogHead _head = new();
    private List<Pending> _pending = [];
    private PurgeLog? _log;
    private int _life;
    private int _epochs;
    private bool _isWriting;

    private sealed record Pending(PurgeAppend Append, Action<PurgeReceipt> Done);

    /// <summary>Delivers to a PoP what is being written.</summary>
    public required Action<string, PurgePushAhead> PushAhead { get; init; }

    /// <summary>Delivers a push to a PoP.</summary>
    public required Action<string, PurgePush> Push { get; init; }

    public PurgeCursor? End => _log?.End;

    public int Epochs => _epochs;

    public void Start()
    {
        _life++;
        var opening = new PurgeLogOpening(_head);
        while (opening.NextSegment is { } segment)
        {
            opening.Offer(_segments.GetValueOrDefault(segment) ?? new PurgeSegment());
        }

        (_log, bool isNew) = opening.Finish(string.Create(CultureInfo.InvariantCulture, $"{_epochs + 1}"));
        if (isNew)
        {
            (_head, _epochs) = (_log.Head, _epochs + 1);
        }

        (_pending, _isWriting) = ([], false);
        _pops.Clear();
        foreach (PurgeCursor receipt in promises.Durable)
        {
            if (!_log.End.Covers(receipt)
                || (receipt.Sequence >= _log.Oldest && !_segments[PurgeLog.SegmentOf(receipt.Sequence)].Receipts.Any(r => r.Cursor == receipt)))
            {
                throw new BrokenPromiseException($"purge {receipt} was acknowledged, and the log that was opened at {_log.End} does not have it");
            }
        }
    }

    /// <summary>What is being written is lost or not.</summary>
    public void Crash(bool losesDisk)
    {
        _life++;
        _log = null;
        if (losesDisk)
        {
            _segments.Clear();
            _head = new PurgeLogHead();
            promises.LogIsLost();
        }
    }

    public void Append(PurgeAppend append, Action<PurgeReceipt> done)
    {
        if (_log is null)
        {
            return;
        }

        _pending.Add(new Pending(append, done));
        if (!_isWriting)
        {
            WriteGroup();
        }
    }

    public PurgeRead? Sync(string pop, PurgeCursor after)
    {
        PurgeRead? read = Read(after);
        if (read is not null)
        {
            _pops[pop] = (read.Through, scheduler.Now + GrainLimits.SubscriptionAge);
        }

        return read;
    }

    public PurgeRead? Read(PurgeCursor after)
    {
        if (_log is not { } log)
        {
            return null;
        }

        long next = PurgeLog.SegmentOf(after.Sequence + 1);
        return log.Locate(after) switch
        {
            PurgeLogPlace.End => log.Nothing(),
            PurgeLogPlace.InMemory => log.Read(after, log.InMemory(next)),
            PurgeLogPlace.InStorage => log.Read(after, _segments.GetValueOrDefault(next)),
            _ => log.Gap(),
        };
    }

    private void WriteGroup()
    {
        List<Pending> group = _pending;
        (_pending, _isWriting) = ([], true);
        (ImmutableArray<PurgeLogWrite> writes, ImmutableArray<PurgeReceipt> receipts) =
            _log!.Plan([.. group.Select(p => p.Append)], scheduler.Time.GetUtcNow());
        if (mutation == Mutation.AnswerBeforeWrite)
        {
            AnswerAll(group, receipts);
        }

        PurgePushAhead ahead = _log.Ahead(writes);
        foreach ((string pop, (_, TimeSpan until)) in _pops)
        {
            if (until > scheduler.Now)
            {
                network.Send(Name, pop, () => PushAhead(pop, ahead));
            }
        }

        Write(new Queue<PurgeLogWrite>(writes), new Queue<(Pending, PurgeReceipt)>(group.Zip(receipts)), _life);
    }

    private static void AnswerAll(List<Pending> group, ImmutableArray<PurgeReceipt> receipts)
    {
        foreach ((Pending pending, PurgeReceipt receipt) in group.Zip(receipts))
        {
            pending.Done(receipt);
        }
    }

    /// <summary>One row after the other. A crash before it is reported leaves it written or not.</summary>
    private void Write(Queue<PurgeLogWrite> writes, Queue<(Pending Pending, PurgeReceipt Receipt)> waiting, int life)
    {
        if (!writes.TryDequeue(out PurgeLogWrite? write))
        {
            _isWriting = false;
            Notify();
            if (_pending.Count > 0)
            {
                WriteGroup();
            }

            return;
        }

        bool isBefore = scheduler.OneIn(2);
        TimeSpan takes = scheduler.Between(0.3, network.IsFaulty && scheduler.OneIn(10) ? 400 : 6);
        scheduler.After(takes / 2, () =>
        {
            if (isBefore && life == _life)
            {
                Store(write);
            }
        });
        scheduler.After(takes, () =>
        {
            if (life != _life)
            {
                return;
            }

            Store(write);
            _log!.Written(write);
            while (waiting.TryPeek(out (Pending Pending, PurgeReceipt Receipt) first) && _log.End.Covers(first.Receipt.Cursor))
            {
                waiting.Dequeue();
                if (mutation != Mutation.AnswerBeforeWrite)
                {
                    first.Pending.Done(first.Receipt);
                }
            }

            Write(writes, waiting, life);
        });
    }

    private void Store(PurgeLogWrite write)
    {
        switch (write)
        {
            case PurgeLogWrite.WriteSegment segment:
                _segments[segment.Content.Index] = segment.Content;
                break;
            case PurgeLogWrite.WriteHead head:
                _head = head.Content;
                break;
            case PurgeLogWrite.ClearSegment clear:
                _segments.Remove(clear.Segment);
                break;
        }
    }

    private void Notify()
    {
        foreach ((string pop, (PurgeCursor after, TimeSpan until)) in _pops.ToArray())
        {
            PurgeCursor at = after;
            while (until > scheduler.Now && _log!.Locate(at) == PurgeLogPlace.InMemory)
            {
                PurgeRead read = _log.Read(at, _log.InMemory(PurgeLog.SegmentOf(at.Sequence + 1)));
                if (read.Gap)
                {
                    break;
                }

                var push = new PurgePush(at, new PurgeBatch { Through = read.Through, Entries = read.Entries });
                at = read.Through;
                _pops[pop] = (at, until);
                network.Send(Name, pop, () => Push(pop, push));
            }
        }
    }
}
