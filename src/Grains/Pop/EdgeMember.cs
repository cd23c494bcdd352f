using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Contracts.Dns;

namespace OrleansCdn.Grains.Pop;

/// <summary>One edge, as far as it was seen since this grain's activation.</summary>
internal sealed class EdgeMember(string name)
{
    /// <summary>Acknowledgements whose times are kept: those of some seconds of busy purging.</summary>
    public const int MaxAcks = 64;

    /// <summary>
    /// From then on nothing is concluded from an open connection: a process that hangs keeps it. Two heartbeats that did not come, as
    /// <see cref="FeedProtocol.HeartbeatInterval"/> says.
    /// </summary>
    public static readonly TimeSpan QuietAfter = 2 * FeedProtocol.HeartbeatInterval;

    private readonly Queue<(PurgeCursor Cursor, DateTimeOffset When)> _acks = new();
    private bool _forgotAcks;
    private bool _hasLeft;
    private EdgeHello? _hello;
    private EdgeCounters? _counters;
    private EdgeCondition? _condition;

    public string Name { get; } = name;

    /// <summary>Null: there is no connection.</summary>
    public string? Connection { get; private set; }

    public bool Connected => Connection is not null;

    /// <summary>Of a line from the edge; null: never.</summary>
    public DateTimeOffset? LastSeen { get; private set; }

    /// <summary>Of a line from the edge, or of a call of the silo that serves it.</summary>
    public DateTimeOffset LastHeard { get; private set; }

    public long ConfigVersion { get; private set; }

    /// <summary>Epoch of the eligibility on its disk; null: it takes none, or was never seen.</summary>
    public long? Eligibility { get; private set; }

    public PurgeCursor Cursor { get; private set; } = PurgeCursor.None;

    /// <summary>Null: not known.</summary>
    public DnsHeld? Dns { get; private set; }

    public string? PeerUrl => _hello?.Addresses.Peer;

    public string? Instance => _hello?.Instance;

    /// <summary>What is known of it for DNS, and what it knows of others.</summary>
    public EdgeSighting Sighting(DateTimeOffset now)
    {
        if (!Connected)
        {
            return new EdgeSighting(Name, _hasLeft ? EdgeSight.Left : EdgeSight.Unknown);
        }

        return now - LastSeen > QuietAfter
            ? new EdgeSighting(Name, EdgeSight.Unknown)
            : new EdgeSighting(Name, _condition?.WantsOut is null ? EdgeSight.Serving : EdgeSight.WantsOut, _condition?.Reach);
    }

    public void Connect(EdgeHello hello, string connection, DateTimeOffset now)
    {
        if (_hello?.Instance != hello.Instance)
        {
            (_counters, _condition) = (null, null);
            _acks.Clear();
            _forgotAcks = false;
        }

        _condition = _condition is null ? null : _condition with { Reach = null }; // it may have been away for long
        (_hello, Connection, ConfigVersion, Cursor) = (hello, connection, hello.ConfigVersion, hello.Cursor);
        (Eligibility, Dns, _hasLeft) = (hello.Eligibility, hello.Dns, false);
        (LastSeen, LastHeard) = (now, now);
    }

    public void Disconnect(EdgeDeparture departure) => (Connection, _hasLeft) = (null, departure == EdgeDeparture.Left);

    public void Heard(DateTimeOffset now) => LastHeard = now;

    public void Report(PopReport report, DateTimeOffset now)
    {
        (LastSeen, LastHeard) = (now, now);
        ConfigVersion = report.ConfigVersion ?? ConfigVersion;
        Eligibility = report.Eligibility ?? Eligibility;
        _counters = report.Counters ?? _counters;
        _condition = report.Condition ?? _condition;
        Dns = report.Dns ?? Dns;
        if (report.Cursor == Cursor)
        {
            return;
        }

        Cursor = report.Cursor;
        _acks.Enqueue((report.Cursor, now));
        if (_acks.Count > MaxAcks)
        {
            _acks.Dequeue();
            _forgotAcks = true;
        }
    }

    public PurgeEdgeState PurgeState(PurgeCursor cursor, DateTimeOffset since) => new()
    {
        Edge = Name,
        Connected = Connected,
        Acknowledged = Cursor.Covers(cursor),
        Milliseconds = AckTime(cursor) is { } when ? Math.Max(0, Math.Round((when - since).TotalMilliseconds, 1)) : null,
    };

    public EdgeStatus Status() => new()
    {
        Name = Name,
        Connected = Connected,
        LastSeen = LastSeen,
        ConfigVersion = ConfigVersion,
        Cursor = Cursor,
        EligibilityEpoch = Eligibility,
        SoftwareVersion = _hello?.SoftwareVersion,
        Addresses = _hello?.Addresses,
        Counters = _counters,
        Condition = _condition,
    };

    private DateTimeOffset? AckTime(PurgeCursor cursor)
    {
        bool first = true;
        foreach ((PurgeCursor acked, DateTimeOffset when) in _acks)
        {
            if (acked.Covers(cursor))
            {
                // The first that is kept may be later than the one that counted.
                return first && _forgotAcks ? null : when;
            }

            first = false;
        }

        return null;
    }
}
