using Microsoft.AspNetCore.Http;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge;
using OrleansCdn.Edge.Cache;
using OrleansCdn.Edge.Http;

namespace OrleansCdn.Simulation.Tests;

/// <content>What an edge stores and serves: its memory, its disk's records, its fills from the origin and from other edges.</content>
internal sealed partial class EdgeProcess
{
    private static readonly HeaderDictionary NoFields = [];
    private static readonly CachedBody Body = new(new byte[1]);

    private readonly MemoryStore _store = new(1 << 20);
    private readonly ActiveFills _fills = new();
    private readonly List<RunningFill> _running = [];
    private readonly PurgeSweeper _sweeper;
    private Dictionary<int, EdgeDisk.Record> _index = [];
    private bool _knowsPeers;

    /// <summary>A fill, and those who follow it.</summary>
    private sealed class RunningFill(int item, Fill fill)
    {
        public int Item => item;

        public Fill Fill => fill;

        public List<Asker> Followers { get; } = [];
    }

    /// <summary>Whoever waits for an object.</summary>
    /// <param name="Answer">Is given the version, where it came from, and when an origin last said that it is right.</param>
    private sealed record Asker(Action<int, string, double> Answer);

    /// <summary>A visitor's request.</summary>
    public void Request(int item)
    {
        int floor = _world.Promises.FloorOf(Name, item);
        int overdue = _world.ConfirmsWhenCutOff ? _world.Promises.OverdueOf(item) : 0;
        Serve(item, new Asker(Answered), mayAskPeers: true);

        void Answered(int version, string from, double confirmedAt)
        {
            _world.Promises.Check(Name, item, floor, version, from);
            _world.Promises.CheckAge(Name, item, overdue, version, from);
        }
    }

    /// <summary>A request of another edge; null: it goes to the origin itself.</summary>
    /// <param name="isHolderOnly">Nothing is fetched for it.</param>
    public void RequestOfPeer(int item, bool isHolderOnly, PurgeCursor cursor, Action<(int Version, double ConfirmedAt)?> answer)
    {
        if (!new PeerAsk(isHolderOnly, false, cursor).IsCoveredBy(_purges.Cursor) && !IsFaulty(Mutation.PeersIgnoreCursor))
        {
            answer(null);
            return;
        }

        if (isHolderOnly && Find(item) is not { } && !_running.Exists(f => f.Item == item && IsClear(item, f.Fill.Stamp)))
        {
            answer(null);
            return;
        }

        Serve(item, new Asker((version, _, confirmedAt) => answer((version, confirmedAt))), mayAskPeers: false);
    }

    /// <summary>Memory lets something go that the disk may have.</summary>
    public void Evict(int item)
    {
        if (_store.TryGet(Site.Keys[item], out CachedResource? resource) && resource.Select(NoFields) is { } found)
        {
            _store.RemovePurged(found);
        }
    }

    private void Serve(int item, Asker asker, bool mayAskPeers)
    {
        if (Find(item) is { } found)
        {
            asker.Answer(found.Response.Status, found.From, found.Response.ConfirmedAt);
            return;
        }

        if (_running.Find(f => f.Item == item && IsClear(item, f.Fill.Stamp, knowsTags: false)) is { } running)
        {
            running.Followers.Add(asker);
            return;
        }

        Begin(item, asker, mayAskPeers);
    }

    /// <summary>What is fresh in memory, or on the disk and known to be unpurged.</summary>
    private (StoredResponse Response, string From)? Find(int item)
    {
        double now = _world.Scheduler.Time.MonotonicSeconds();
        double confirmBefore = ConfirmBefore(now);
        LookupVerdict verdict = Lookup.Find(_store, _purges, Site.Keys[item], NoFields, now, out StoredResponse? stored, confirmBefore);
        if (verdict != LookupVerdict.Miss)
        {
            return verdict == LookupVerdict.Fresh ? (stored!, "memory") : null;
        }

        if (!_catchUp.IsOpen || !_index.TryGetValue(item, out EdgeDisk.Record? record))
        {
            return null;
        }

        long applied = _purges.Applied;
        PurgeVerdict purged = _purges.Check(Site.Id, Site.Keys[item].Url, Site.Tags[item], record.Stamp);
        if (purged == PurgeVerdict.Hard)
        {
            _index.Remove(item);
            return null;
        }

        StoredResponse revived = Response(item, record.Version, record.Stamp, record.ConfirmedAt);
        revived.CheckedAt = applied;
        if (record.IsSoftPurged || purged == PurgeVerdict.Soft)
        {
            revived.SoftPurgedAt = now;
        }

        _store.Put(revived);
        return revived.IsFresh(now) && revived.ConfirmedAt >= confirmBefore ? (revived, "disk") : null;
    }

    private void Begin(int item, Asker leader, bool mayAskPeers)
    {
        var fill = new Fill(Site.Keys[item], VarySelector.None, _purges.Applied, _world.Scheduler.Time.MonotonicSeconds());
        var running = new RunningFill(item, fill);
        _running.Add(running);
        _fills.Add(fill);
        After(_world.Scheduler.Between(0, 5), () =>
        {
            PurgeCursor cursor = _purges.Cursor;
            if (mayAskPeers && _knowsPeers && !_world.Scheduler.OneIn(3))
            {
                AskPeer(running, leader, cursor);
            }
            else
            {
                AskOrigin(running, leader);
            }
        });
    }

    private void AskPeer(RunningFill running, Asker leader, PurgeCursor cursor)
    {
        EdgeProcess? peer = _world.AnyEdgeBut(Name);
        bool isHolderOnly = _world.Scheduler.OneIn(2);
        bool isAnswered = false;
        if (peer is not null)
        {
            _world.Network.Send(Name, peer.Name, () =>
            {
                if (peer.IsAlive)
                {
                    peer.RequestOfPeer(running.Item, isHolderOnly, cursor, found =>
                        _world.Network.Send(peer.Name, Name, () => Answered(found)));
                }
            });
        }

        After(TimeSpan.FromSeconds(2), () => Answered(null));

        void Answered((int Version, double ConfirmedAt)? found)
        {
            if (!IsAlive || isAnswered)
            {
                return;
            }

            isAnswered = true;
            if (found is { } got)
            {
                End(running, leader, got.Version, $"{peer!.Name}", got.ConfirmedAt);
            }
            else
            {
                AskOrigin(running, leader);
            }
        }
    }

    private void AskOrigin(RunningFill running, Asker leader) => After(_world.Network.Delay(), () =>
    {
        int version = _world.Site.VersionOf(running.Item);
        double confirmedAt = _world.Scheduler.Time.MonotonicSeconds();
        After(_world.Network.Delay(), () => End(running, leader, version, "the origin", confirmedAt));
    });

    private void End(RunningFill running, Asker leader, int version, string from, double confirmedAt)
    {
        long stamp = IsFaulty(Mutation.DropFillStamp) ? _purges.Applied : running.Fill.Stamp;
        StoredResponse response = Response(running.Item, version, stamp, confirmedAt);
        if (IsUsable(running.Item, stamp, knowsTags: true))
        {
            _store.Put(response);
            WriteBehind(running.Item, response);
        }

        _running.Remove(running);
        _fills.Remove(running.Fill);
        leader.Answer(version, from, confirmedAt);
        foreach (Asker follower in running.Followers)
        {
            if (IsClear(running.Item, stamp))
            {
                follower.Answer(version, from, confirmedAt);
            }
            else
            {
                Serve(running.Item, follower, mayAskPeers: false);
            }
        }
    }

    private void WriteBehind(int item, StoredResponse response)
    {
        if (!_disk.HasStore)
        {
            return;
        }

        After(DiskTime(), () =>
        {
            long stamp = response.Stamp;
            if (_purges.Check(Site.Id, response.Url, response.Tags, stamp) == PurgeVerdict.Hard)
            {
                return;
            }

            var record = new EdgeDisk.Record(item, response.Status, stamp, !double.IsNaN(response.SoftPurgedAt), response.ConfirmedAt);
            _disk.Append(record);
            _index[item] = record;
            if (_world.Scheduler.OneIn(3))
            {
                _disk.FlushRecords();
            }
        });
    }

    /// <summary>As <see cref="EdgeState.ConfirmBefore"/>.</summary>
    private double ConfirmBefore(double now) =>
        _world.ConfirmsWhenCutOff && !IsFaulty(Mutation.IgnoreCutOff) && _contact.IsCutOff(CutOffAfter.TotalSeconds, now)
            ? now - CutOffAfter.TotalSeconds : double.NegativeInfinity;

    private void SweepAgain()
    {
        _sweeper.Sweep();
        After(_world.Scheduler.Between(500, 5000), SweepAgain);
    }

    private long OldestOnDisk() => _index.Values.Select(r => r.Stamp).DefaultIfEmpty(long.MaxValue).Min();

    private bool IsClear(int item, long stamp, bool knowsTags = true) => Check(item, stamp, knowsTags) == PurgeVerdict.Clear;

    private bool IsUsable(int item, long stamp, bool knowsTags) => Check(item, stamp, knowsTags) != PurgeVerdict.Hard;

    private PurgeVerdict Check(int item, long stamp, bool knowsTags) =>
        _purges.Check(Site.Id, Site.Keys[item].Url, knowsTags ? Site.Tags[item] : [], stamp);

    /// <summary>The version stands where the status does.</summary>
    private StoredResponse Response(int item, int version, long stamp, double confirmedAt) => new()
    {
        Key = Site.Keys[item],
        Url = Site.Keys[item].Url,
        Status = version,
        Header = ResponseHeader.Empty,
        VisitorHeader = ResponseHeader.Empty,
        Body = Body,
        Vary = VarySelector.None,
        Tags = Site.Tags[item],
        Storage = new StorageDecision { Reason = NotStoredReason.None, Lifetime = 3600 },
        InitialAge = 0,
        ReceivedAt = confirmedAt,
        Stamp = stamp,
        CheckedAt = stamp,
    };
}
