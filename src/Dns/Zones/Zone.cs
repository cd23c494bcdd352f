using OrleansCdn.Dns.Wire;

namespace OrleansCdn.Dns.Zones;

/// <summary>All that is known of one zone. Immutable; the names it holds are found without a copy of what was asked.</summary>
public sealed class Zone
{
    private readonly Dictionary<byte[], ZoneNode> _nodes;
    private readonly Dictionary<byte[], ZoneNode>.AlternateLookup<ReadOnlySpan<byte>> _byOctets;
    private readonly int _maxLabels;

    internal Zone(byte[] name, Dictionary<byte[], ZoneNode> nodes)
    {
        _nodes = nodes;
        _byOctets = nodes.GetAlternateLookup<ReadOnlySpan<byte>>();
        _maxLabels = nodes.Values.Max(node => node.Labels);
        Apex = nodes[name];
        Soa = Apex.Find(DnsType.Soa) ?? throw new ArgumentException("a zone without SOA record", nameof(nodes));
        NegativeTtl = Math.Min(Soa.Ttl, SoaRdata.Minimum(Soa));
        Serial = SoaRdata.Serial(Soa);
        NegativeSoa = Soa.WithTtl(NegativeTtl);
    }

    public ZoneNode Apex { get; }

    public RrSet Soa { get; }

    public uint Serial { get; }

    /// <summary>Seconds for which it may be kept that something is not there (RFC 2308 §5).</summary>
    public uint NegativeTtl { get; }

    /// <summary>The SOA record as negative answers carry it.</summary>
    internal RrSet NegativeSoa { get; }

    public IReadOnlyCollection<ZoneNode> Nodes => _nodes.Values;

    public ZoneNode? Find(ReadOnlySpan<byte> name) => _byOctets.TryGetValue(name, out ZoneNode? node) ? node : null;

    /// <param name="name">Canonical; in the zone.</param>
    /// <param name="labels">Of <paramref name="name"/>.</param>
    public ZoneLookup Lookup(ReadOnlySpan<byte> name, int labels)
    {
        if (_byOctets.TryGetValue(name, out ZoneNode? node))
        {
            return node.Cut is ZoneNode cut ? new ZoneLookup(ZoneVerdict.Delegation, cut) : new ZoneLookup(ZoneVerdict.Exact, node);
        }

        // Up to the closest name that exists (RFC 4592 §3.3.1); names longer than all of the zone are cut at once.
        ReadOnlySpan<byte> ancestor = WireName.Last(name, labels, Math.Min(labels - 1, _maxLabels));
        while (!_byOctets.TryGetValue(ancestor, out node))
        {
            ancestor = WireName.Parent(ancestor);
        }

        return node switch
        {
            { Cut: ZoneNode cut } => new ZoneLookup(ZoneVerdict.Delegation, cut),
            { Wildcard: ZoneNode wildcard } => new ZoneLookup(ZoneVerdict.Wildcard, wildcard),
            _ => new ZoneLookup(ZoneVerdict.NameError, node),
        };
    }
}
