using OrleansCdn.Contracts.Control;
using OrleansCdn.Contracts.Dns;
using OrleansCdn.Edge.Cache;
using OrleansCdn.Edge.Control;
using OrleansCdn.Edge.Rules;

namespace OrleansCdn.Edge;

/// <summary>
/// What the data plane reads and the control link replaces: whole immutable snapshots behind volatile references, and
/// the purge index. Nothing here is ever waited for.
/// </summary>
public sealed class EdgeState(string pop, string edge, PurgeIndex purges)
{
    private volatile EdgeSnapshot? _snapshot;
    private volatile PeerTable _peers = PeerTable.Empty;
    private volatile Eligibility _eligibility = Eligibility.None;
    private volatile DnsSecrets? _dnsSecrets;

    /// <summary>This edge's PoP: the cache name in <c>Cache-Status</c>.</summary>
    public string Pop { get; } = pop;

    public string Edge { get; } = edge;

    public PurgeIndex Purges { get; } = purges;

    /// <summary>Null: there is no silo to hear from.</summary>
    internal PurgeCatchUp? CatchUp { get; init; }

    internal SiloContact Contact { get; init; } = SiloContact.NotNeeded;

    /// <summary>Null before the first config: then every request is answered 503.</summary>
    public EdgeSnapshot? Snapshot => _snapshot;

    /// <summary>As it stands in <c>Via</c>; before there is a config no response is made that would need it.</summary>
    public string CdnName => _snapshot?.Config.Cluster.Name ?? "cdn";

    public PeerTable Peers => _peers;

    /// <summary>Which PoPs DNS sends visitors to: the newest decision that has come, also while no silo is heard. Read once per query.</summary>
    public Eligibility Eligibility => _eligibility;

    /// <summary>Raised where the new one came from, so that handlers are short.</summary>
    internal event Action? EligibilityReplaced;

    /// <summary>Keys of signed zones, and secrets of cookies; null: none have come, or this edge serves no DNS.</summary>
    public DnsSecrets? DnsSecrets => _dnsSecrets;

    /// <summary>Raised as <see cref="EligibilityReplaced"/>.</summary>
    internal event Action? DnsSecretsReplaced;

    /// <summary>
    /// A new config in force. Purged URLs that it stores elsewhere are purged there before the first request finds its way by it.
    /// </summary>
    public void Replace(EdgeSnapshot snapshot)
    {
        Purges.Rekey(snapshot.StoredUrl);
        _snapshot = snapshot;
    }

    /// <summary>Purges of the feed: a URL is purged as it stands and where the config in force stores it.</summary>
    public void Apply(PurgeBatch purges) => Purges.Apply(purges.Through, purges.Entries.AsSpan(), _snapshot is { } snapshot ? snapshot.StoredUrl : null);

    /// <summary>As <see cref="Apply"/>, of entries that are not in the log yet.</summary>
    internal void ApplyAhead(PurgesAhead purges) => Purges.ApplyAhead(purges.Entries.AsSpan(), _snapshot is { } snapshot ? snapshot.StoredUrl : null);

    /// <summary>
    /// What was confirmed with an origin before this moment is confirmed again before it is used, because the edge is cut off and the site
    /// wants that; an infinite time in the past: nothing is.
    /// </summary>
    internal double ConfirmBefore(SiteRules rules, double now) =>
        Contact.IsCutOff(rules.RevalidateAfter, now) ? now - rules.RevalidateAfter : double.NegativeInfinity;

    /// <summary>Null: every purge is known, or was until a moment ago.</summary>
    internal EdgeCutOff? CutOff(double now) => _snapshot is { } snapshot ? EdgeCutOff.Of(snapshot.Config.Sites, Contact.Silence(now)) : null;

    public void Replace(PeerTable peers) => _peers = peers;

    public void Replace(DnsSecrets secrets)
    {
        _dnsSecrets = secrets;
        DnsSecretsReplaced?.Invoke();
    }

    /// <summary>Called by one thread at a time.</summary>
    /// <returns>False: what is in force is as new, and stays (I8).</returns>
    public bool Replace(Eligibility eligibility)
    {
        if (eligibility.Epoch <= _eligibility.Epoch)
        {
            return false;
        }

        _eligibility = eligibility;
        EligibilityReplaced?.Invoke();
        return true;
    }
}

/// <summary>The other edges that can be fetched from, by PoP; immutable.</summary>
public sealed class PeerTable
{
    public static readonly PeerTable Empty = new([]);

    private readonly Dictionary<string, PeerEdge[]> _byPop;

    public PeerTable(IEnumerable<PeerEdge> edges)
    {
        _byPop = edges.GroupBy(e => e.Pop).ToDictionary(g => g.Key, g => g.OrderBy(e => e.Edge, StringComparer.Ordinal).ToArray());
        Count = _byPop.Values.Sum(at => at.Length);
    }

    /// <summary>All connected edges, this one included.</summary>
    public int Count { get; }

    /// <summary>For status pages: by PoP, then by name.</summary>
    public IEnumerable<PeerEdge> All => _byPop.OrderBy(pop => pop.Key, StringComparer.Ordinal).SelectMany(pop => pop.Value);

    /// <summary>By <c>pop/edge</c>; null: it is not connected.</summary>
    public PeerEdge? Find(string name)
    {
        int slash = name.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && _byPop.TryGetValue(name[..slash], out PeerEdge[]? edges)
            ? Array.Find(edges, edge => name.AsSpan(slash + 1).SequenceEqual(edge.Edge))
            : null;
    }

    /// <summary>Connected edges of a PoP in a fixed order; empty when none is.</summary>
    public ReadOnlySpan<PeerEdge> At(string pop) => _byPop.TryGetValue(pop, out PeerEdge[]? edges) ? edges : [];
}
