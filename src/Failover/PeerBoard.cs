using System.Collections.Immutable;
using OrleansCdn.Contracts;

namespace OrleansCdn.Failover;

/// <summary>What the other announcers have said, and what this server saw of theirs. Bounded by the config: others are not listened to.</summary>
internal sealed class PeerBoard(string self)
{
    private readonly Dictionary<string, Peer> _peers = [];

    private sealed class Peer(string pop)
    {
        public string Pop { get; set; } = pop;

        public PeerView? View { get; set; }

        public TimeSpan ToldAt { get; set; }

        /// <summary>The process before this one; what is still on the way of it is too late.</summary>
        public long? Former { get; set; }

        public bool? Answered { get; set; }

        public TimeSpan ProbedAt { get; set; }
    }

    /// <summary>PoPs of the config, this one included.</summary>
    public int Pops { get; private set; } = 1;

    public void Configure(ImmutableArray<KnownServer> servers)
    {
        Pops = Math.Max(1, servers.Select(server => server.Pop).Distinct(StringComparer.Ordinal).Count());
        _peers.KeepOnly(servers.Select(server => server.Server));

        foreach (KnownServer server in servers)
        {
            if (server.Server == self)
            {
                continue;
            }

            if (_peers.TryGetValue(server.Server, out Peer? peer))
            {
                peer.Pop = server.Pop;
            }
            else
            {
                _peers.Add(server.Server, new Peer(server.Pop));
            }
        }
    }

    public bool Knows(string server, string pop) => _peers.TryGetValue(server, out Peer? peer) && peer.Pop == pop;

    public void Take(PeerView view, TimeSpan now)
    {
        if (!_peers.TryGetValue(view.Server, out Peer? peer) || peer.Pop != view.Pop || peer.Former == view.Instance)
        {
            return;
        }

        if (peer.View is { } known)
        {
            if (known.Instance == view.Instance && known.Sequence >= view.Sequence)
            {
                return;
            }

            peer.Former = known.Instance != view.Instance ? known.Instance : peer.Former;
        }

        (peer.View, peer.ToldAt) = (view, now);
    }

    public void Take(PeerProbed probed, TimeSpan now)
    {
        if (_peers.TryGetValue(probed.Server, out Peer? peer))
        {
            (peer.Answered, peer.ProbedAt) = (probed.Answered, now);
        }
    }

    /// <summary>When somebody who is announced and well was heard of last; null: never.</summary>
    public TimeSpan? LastSeenServing
    {
        get
        {
            TimeSpan? last = null;
            foreach (Peer peer in _peers.Values)
            {
                if (peer.View is { IsOnWire: true, IsWell: true, Level: not AnnouncementLevel.Withdrawn } && !(last >= peer.ToldAt))
                {
                    last = peer.ToldAt;
                }
            }

            return last;
        }
    }

    /// <summary>Has said of late that it is announced as it should be, is well, and goes nowhere.</summary>
    public bool CouldStay(string server, TimeSpan now, FailoverPolicy policy) =>
        _peers.TryGetValue(server, out Peer? peer) && CouldStay(peer, now, policy);

    /// <summary>Whom to ask: one of the own PoP, else one of each other.</summary>
    public IEnumerable<KnownServer> WhoCouldStay(string ownPop, TimeSpan now, FailoverPolicy policy)
    {
        List<KnownServer> could = [.. _peers
            .Where(peer => CouldStay(peer.Value, now, policy))
            .OrderBy(peer => peer.Key, StringComparer.Ordinal)
            .Select(peer => new KnownServer(peer.Key, peer.Value.Pop))
            .DistinctBy(peer => peer.Pop)];
        return could.Find(peer => peer.Pop == ownPop) is { } neighbor ? [neighbor] : could;
    }

    /// <summary>PoPs at which this check has begun to fail at about the time at which it did at <paramref name="server"/>, whose own is among them.</summary>
    public int PopsFailingWith(string server, string pop, string check, TimeSpan now, FailoverPolicy policy)
    {
        TimeSpan began = _peers.TryGetValue(server, out Peer? asker) ? Began(asker, check) ?? now : now;
        return _peers.Values
            .Where(peer => Began(peer, check) is { } other && (other - began).Duration() <= policy.SuspectWithin)
            .Select(peer => peer.Pop)
            .Append(pop)
            .Distinct(StringComparer.Ordinal)
            .Count();
    }

    /// <summary>Null: it does not fail there.</summary>
    private static TimeSpan? Began(Peer peer, string check) =>
        peer.View is { } view && view.FailingCheck == check ? peer.ToldAt - view.FailingFor : null;

    /// <summary>This server has itself asked that one's edge of late, and got no answer.</summary>
    public bool SawSilent(string server, TimeSpan now, FailoverPolicy policy) =>
        _peers.TryGetValue(server, out Peer? peer) && peer.Answered == false && now - peer.ProbedAt <= policy.FreshFor;

    private static bool CouldStay(Peer peer, TimeSpan now, FailoverPolicy policy) =>
        peer.View is { Phase: FailoverPhase.Announced, Level: AnnouncementLevel.Normal, IsOnWire: true, IsWell: true } && now - peer.ToldAt <= policy.FreshFor;
}
