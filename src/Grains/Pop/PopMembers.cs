using System.Collections.Immutable;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Grains.Pop;

/// <summary>The edges of one PoP: those of its config, connected or not. Pure: it is handed the time.</summary>
/// <param name="pop">PoP id.</param>
/// <param name="started">When this began to listen: edges that were connected before need a moment to come back.</param>
internal sealed class PopMembers(string pop, DateTimeOffset started)
{
    private readonly Dictionary<string, EdgeMember> _members = [];
    private PopConfig? _config;

    public int ConnectedCount => _members.Values.Count(m => m.Connected);

    /// <summary>Edges that the config names no longer are forgotten.</summary>
    public void Configure(PopConfig? config)
    {
        _config = config;
        string[] names = [.. config?.Edges.Select(e => e.Name) ?? []];
        _members.KeepOnly(names);

        foreach (string name in names)
        {
            _members.TryAdd(name, new EdgeMember(name));
        }
    }

    public bool IsConnected(string edge) => _members.TryGetValue(edge, out EdgeMember? member) && member.Connected;

    /// <summary>Whether this is the edge's connection now.</summary>
    public bool IsBy(string edge, string connection) => _members.TryGetValue(edge, out EdgeMember? member) && member.Connection == connection;

    /// <summary>Null: the edge is not connected.</summary>
    public string? ConnectionOf(string edge) => _members.TryGetValue(edge, out EdgeMember? member) ? member.Connection : null;

    public bool Knows(string edge) => _members.ContainsKey(edge);

    /// <summary>The name of the instance whose connection ends by this one; null: there was none.</summary>
    public string? Connect(EdgeHello hello, string connection, DateTimeOffset now)
    {
        EdgeMember member = _members[hello.Edge];
        string? older = member.Connected ? member.Instance : null;
        member.Connect(hello, connection, now);
        return older;
    }

    /// <summary>True when this was the edge's connection.</summary>
    public bool Disconnect(string edge, string connection, EdgeDeparture departure)
    {
        if (!_members.TryGetValue(edge, out EdgeMember? member) || member.Connection != connection)
        {
            return false;
        }

        member.Disconnect(departure);
        return true;
    }

    public FeedVerdict Check(string edge, string connection, DateTimeOffset now)
    {
        if (!_members.TryGetValue(edge, out EdgeMember? member))
        {
            return FeedVerdict.Removed;
        }

        if (member.Connection != connection)
        {
            return member.Connected ? FeedVerdict.Superseded : FeedVerdict.Unknown;
        }

        member.Heard(now);
        return FeedVerdict.Messages;
    }

    /// <summary>False when it came from a connection that counts no longer.</summary>
    public bool Report(PopReport report, DateTimeOffset now)
    {
        if (!_members.TryGetValue(report.Edge, out EdgeMember? member) || member.Connection != report.Connection)
        {
            return false;
        }

        member.Report(report, now);
        return true;
    }

    /// <summary>Ends connections that nobody speaks for any more: their silo is gone.</summary>
    public ImmutableArray<string> DropSilent(DateTimeOffset now)
    {
        ImmutableArray<string>.Builder dropped = ImmutableArray.CreateBuilder<string>();
        foreach (EdgeMember member in _members.Values)
        {
            if (member.Connected && now - member.LastHeard > GrainLimits.MaxWait + FeedProtocol.SilenceLimit)
            {
                member.Disconnect(EdgeDeparture.Lost);
                dropped.Add(member.Name);
            }
        }

        return dropped.ToImmutable();
    }

    public PopPeers Peers() => new()
    {
        Pop = pop,
        Edges =
        [
            .. _members.Values.Where(m => m.Connected && m.PeerUrl is not null)
                .OrderBy(m => m.Name, StringComparer.Ordinal)
                .Select(m => new PeerEdge(pop, m.Name, m.PeerUrl!)),
        ],
    };

    /// <summary>Whether somebody may still acknowledge: a connected edge, or one that may be on its way back after a restart of this silo.</summary>
    public bool Awaits(PurgeCursor cursor, DateTimeOffset now) =>
        _members.Values.Any(m => !m.Cursor.Covers(cursor) && (m.Connected || (m.LastSeen is null && now - started < FeedProtocol.SilenceLimit)));

    public PurgePopState PurgeState(PurgeCursor cursor, DateTimeOffset since)
    {
        ImmutableArray<PurgeEdgeState> edges = [.. InOrder().Select(m => m.PurgeState(cursor, since))];
        return new PurgePopState { Pop = pop, State = StateOf(edges), Edges = edges };
    }

    /// <summary>Whether a connected edge has yet to confirm an eligibility.</summary>
    public bool AwaitsEligibility(long epoch) => _members.Values.Any(m => m.Connected && !(m.Eligibility >= epoch));

    public EligibilityPopState EligibilityState(long epoch) => new()
    {
        Pop = pop,
        Edges = [.. InOrder().Select(m => new EligibilityEdgeState(m.Name, m.Connected, m.Eligibility >= epoch))],
    };

    public PopSighting Sighting(DateTimeOffset now) => new(
        pop, [.. InOrder().Select(m => m.Sighting(now))], _members.Values.Max(m => m.Eligibility) ?? 0);

    public PopStatus Status() => new()
    {
        Id = pop,
        Name = _config?.Name ?? pop,
        Edges = [.. InOrder().Select(m => m.Status())],
    };

    public bool ServesDns(string edge) => _config?.Edges.Any(e => e.Name == edge && e.Dns is not null) == true;

    /// <summary>Of the edges that serve DNS.</summary>
    public ImmutableArray<DnsEdgeHeld> DnsHeld() =>
        [.. InOrder().Where(m => ServesDns(m.Name)).Select(m => new DnsEdgeHeld(m.Name, m.Connected, m.Dns))];

    private IEnumerable<EdgeMember> InOrder() => (_config?.Edges ?? []).Select(e => _members[e.Name]);

    private static PurgeState StateOf(ImmutableArray<PurgeEdgeState> edges) =>
        edges.All(e => e.Acknowledged) ? Contracts.Api.PurgeState.Done
        : edges.Any(e => !e.Acknowledged && !e.Connected) ? Contracts.Api.PurgeState.Partial
        : Contracts.Api.PurgeState.Accepted;
}
