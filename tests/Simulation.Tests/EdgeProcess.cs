using Microsoft.Extensions.Logging.Abstractions;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge;
using OrleansCdn.Edge.Cache;
using OrleansCdn.Edge.Cache.Disk;
using OrleansCdn.Edge.Control;

namespace OrleansCdn.Simulation.Tests;

/// <summary>One edge from its start to its end: the link to its PoP. The other half has what it stores and serves.</summary>
internal sealed partial class EdgeProcess : IDisposable
{
    /// <summary>A little more than two rounds of comparing and telling, so that some are cut off for long and most never.</summary>
    public static readonly TimeSpan CutOffAfter = TimeSpan.FromSeconds(3);

    private readonly World _world;
    private readonly EdgeDisk _disk;
    private readonly PurgeIndex _purges = new();
    private readonly PurgeCatchUp _catchUp;
    private readonly SiloContact _contact = new();
    private readonly HashSet<long> _cameAhead = [];
    private FeedLink? _link;
    private FeedSession? _session;
    private PurgeCursor _acknowledged;
    private bool _isUploading;
    private bool _isUploadDue;

    public EdgeProcess(World world, string pop, string name, EdgeDisk disk)
    {
        (_world, Pop, Name, _disk) = (world, pop, name, disk);
        _catchUp = new PurgeCatchUp(1, world.Scheduler.Time);
        _purges.Resume(disk.SavedCursor);
        if (disk.HasStore)
        {
            OpenStore();
        }

        _sweeper = new PurgeSweeper(_store, _fills, _purges, world.Scheduler.Time) { OldestOnDisk = OldestOnDisk };
        After(world.Scheduler.Between(0, 50), Connect);
        After(world.Scheduler.Between(500, 5000), SweepAgain);
    }

    public string Pop { get; }

    public string Name { get; }

    public bool IsAlive { get; private set; } = true;

    public PurgeCursor Cursor => _purges.Cursor;

    /// <summary>Ends the process, whatever it was about to do.</summary>
    public void Dispose()
    {
        IsAlive = false;
        _link?.Break();
        _catchUp.Dispose();
        _sweeper.Dispose();
    }

    public void BreakLink() => _link?.Break();

    private bool IsFaulty(Mutation mutation) => _world.Mutation == mutation;

    /// <summary>What a process wanted to do does not happen when it is gone.</summary>
    private void After(TimeSpan delay, Action action) => _world.Scheduler.After(delay, () =>
    {
        if (IsAlive)
        {
            action();
        }
    });

    /// <summary>As <see cref="DiskStore.TryOpen"/> does.</summary>
    private void OpenStore()
    {
        JournalState? state = PurgeJournal.Load(_disk.Journal);
        if (state is not null && (state.Knows(_disk.SavedCursor) || IsFaulty(Mutation.TrustOldJournal)))
        {
            _purges.Resume(state);
        }
        else
        {
            _disk.DropStore();
            state = null;
        }

        _purges.Attach((cursor, applied) =>
            PurgeJournal.Create(_disk.Journal, state ?? JournalState.Fresh(1, cursor, applied), NullLogger.Instance));
        _index = _disk.Load(_purges.Applied, _purges.Horizon);
    }

    private void Connect()
    {
        PopProcess pop = _world.PopOf(Pop);
        if (!pop.IsUp || _world.Network.IsParted(Pop, Name))
        {
            _catchUp.Failed();
            After(_world.Scheduler.Between(50, 1000), Connect);
            return;
        }

        _link = new FeedLink(_world.Scheduler, _world.Network, Pop, Name)
        {
            ToEdge = Receive,
            ToPop = pop.Receive,
            EdgeLost = Lost,
            PopLost = pop.Lost,
        };
        _acknowledged = Standing();
        _session = new FeedSession(Pop, Name, null, _acknowledged);
        _link.Up(new EdgeHello
        {
            Protocol = FeedProtocol.Version,
            Pop = Pop,
            Edge = Name,
            Instance = Name,
            SoftwareVersion = "0",
            ConfigVersion = 0,
            Cursor = _acknowledged,
            TakesAhead = true,
            Addresses = new EdgeAddresses(),
        });
        FeedLink link = _link;
        bool isWelcome = false;
        _welcomed = () => isWelcome = true;
        After(FeedProtocol.SilenceLimit, () =>
        {
            if (!isWelcome && _link == link)
            {
                link.Break();
            }
        });
        Beat(link);
    }

    private Action _welcomed = static () => { };

    /// <summary>What is on disk; when the disk still has another log than the one in force, then nothing is known for certain.</summary>
    private PurgeCursor Standing() => _disk.SavedCursor.Epoch == _purges.Cursor.Epoch ? _disk.SavedCursor : PurgeCursor.None;

    private void Lost(FeedLink link)
    {
        if (IsAlive && _link == link)
        {
            _link = null;
            _catchUp.Failed();
            After(_world.Scheduler.Between(10, 1000), Connect);
        }
    }

    private void Beat(FeedLink link)
    {
        if (_link == link)
        {
            link.Up(new EdgeHeartbeat { ConfigVersion = 0, Cursor = _disk.SavedCursor, Counters = new EdgeCounters() });
            After(FeedProtocol.HeartbeatInterval, () => Beat(link));
        }
    }

    private void Receive(FeedLink link, SiloMessage message)
    {
        if (!IsAlive || _link != link)
        {
            return;
        }

        FeedStep step = _session!.Step(message);
        switch (step.Action)
        {
            case FeedAction.Welcome:
                _welcomed();
                break;
            case FeedAction.ApplyPurges when IsFaulty(Mutation.AheadCountsForLog):
                _purges.Apply(step.Purges!.Through, [.. step.Purges.Entries.Where(e => !_cameAhead.Contains(e.Sequence))]);
                Upload();
                break;
            case FeedAction.ApplyAhead when IsFaulty(Mutation.AheadMovesCursor):
                _purges.Apply(_purges.Cursor with { Sequence = step.Ahead!.Entries[^1].Sequence }, step.Ahead.Entries.AsSpan());
                Upload();
                break;
            case FeedAction.ApplyAhead:
                _purges.ApplyAhead(step.Ahead!.Entries.AsSpan());
                _cameAhead.UnionWith(step.Ahead.Entries.Select(e => e.Sequence));
                _world.Ahead++;
                break;
            case FeedAction.ApplyPurges:
                _purges.Apply(step.Purges!.Through, step.Purges.Entries.AsSpan());
                Upload();
                break;
            case FeedAction.ApplyGap when IsFaulty(Mutation.IgnoreGap):
                _purges.Resume(step.Through);
                Upload();
                break;
            case FeedAction.ApplyGap:
                _purges.ApplyGap(step.Through);
                Upload();
                break;
            case FeedAction.ReplacePeers:
                _knowsPeers = true;
                break;
            case FeedAction.CaughtUp:
                if (step.LogAge is { } age)
                {
                    _contact.Knew(_world.Scheduler.Time.MonotonicSeconds() - age.TotalSeconds);
                }

                _catchUp.Open();
                break;
            case FeedAction.End:
                throw new BrokenPromiseException($"edge {Name} ends its connection: {step.End!.Detail}");
        }
    }

    /// <summary>The journal, the cursor, the acknowledgement, with time between them; what arrives meanwhile is next.</summary>
    private void Upload()
    {
        if (_isUploading)
        {
            _isUploadDue = true;
            return;
        }

        _isUploading = true;
        PurgeCursor applied = _purges.Cursor;
        if (IsFaulty(Mutation.AcknowledgeBeforeFlush))
        {
            _link?.Up(new EdgeAck(applied));
        }

        After(DiskTime(), () =>
        {
            _purges.Flush();
            After(DiskTime(), () =>
            {
                _disk.SavedCursor = applied;
                After(_world.Scheduler.Between(0, 1), () =>
                {
                    if (_disk.SavedCursor != _acknowledged)
                    {
                        _acknowledged = _disk.SavedCursor;
                        _link?.Up(new EdgeAck(_acknowledged));
                    }

                    _isUploading = false;
                    if (_isUploadDue)
                    {
                        _isUploadDue = false;
                        Upload();
                    }
                });
            });
        });
    }

    private TimeSpan DiskTime() => _world.Network.IsFaulty && _world.Scheduler.OneIn(12)
        ? _world.Scheduler.Between(20, 600) : _world.Scheduler.Between(0.1, 4);
}
