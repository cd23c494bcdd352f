using OrleansCdn.Dns.Geo;

namespace OrleansCdn.Dns.Steering;

/// <summary>The trees of one address family that together say what the chain decides by; they are walked side by side.</summary>
internal sealed class FamilyTrees(bool isIpv4, SteeringInputs inputs, RttTable usable)
{
    private readonly GeoDatabase? _country = inputs.Databases.Country;
    private readonly GeoDatabase? _asn = inputs.Databases.Asn;
    private readonly PrefixTree _overrides = PrefixTree.Of(isIpv4, inputs.Policy.Prefixes.Select((o, i) => (o.Prefix, i)));
    private readonly PrefixTree _rtt = PrefixTree.Of(isIpv4, usable.Rows.Select((row, i) => (row.Network, i)));
    private readonly PrefixTree _special = SpecialPrefixes.Of(isIpv4);

    public bool IsIpv4 => isIpv4;

    public int Length => isIpv4 ? 32 : 128;

    public FamilyCursor Root => new()
    {
        Override = _overrides.Root,
        Special = _special.Root,
        Rtt = _rtt.Root,
        Place = _country?.Root(isIpv4) ?? GeoCursor.Nothing,
        Network = _asn?.Root(isIpv4) ?? GeoCursor.Nothing,
    };

    public bool HasOverride(UInt128 address) => _overrides.Find(address, Length).Value != PrefixTree.None;

    public FamilyCursor Child(in FamilyCursor at, int bit, int depth) => new()
    {
        Override = Child(_overrides, at.Override, bit, depth),
        Special = Child(_special, at.Special, bit, depth),
        Rtt = Child(_rtt, at.Rtt, bit, depth),
        Place = at.Place.IsNode ? _country!.Child(at.Place, bit) : at.Place,
        Network = at.Network.IsNode ? _asn!.Child(at.Network, bit) : at.Network,
    };

    /// <summary>What holds for all addresses below a settled place.</summary>
    public ChainFacts Facts(in FamilyCursor at)
    {
        // Nobody is known to be at a special address, whatever a database says of it.
        bool isSpecial = at.Special.Value != PrefixTree.None;
        GeoRecord place = isSpecial || at.Place.Record < 0 ? GeoRecord.Nothing : _country!.Records[at.Place.Record];
        GeoRecord network = isSpecial || at.Network.Record < 0 ? GeoRecord.Nothing : _asn!.Records[at.Network.Record];
        GeoRecord joined = GeoDatabases.Joined(place, network);
        return new ChainFacts
        {
            Prefix = at.Override.Value,
            Place = joined,
            Asn = joined.Asn,
            Rtt = isSpecial ? PrefixTree.None : at.Rtt.Value,
        };
    }

    private static PrefixCursor Child(PrefixTree tree, PrefixCursor at, int bit, int depth) =>
        at.Node == PrefixTree.Nowhere ? at : tree.Child(at, bit, depth);
}

internal readonly record struct FamilyCursor
{
    public PrefixCursor Override { get; init; }

    public PrefixCursor Special { get; init; }

    public PrefixCursor Rtt { get; init; }

    public GeoCursor Place { get; init; }

    public GeoCursor Network { get; init; }

    /// <summary>No tree says anything more.</summary>
    public bool IsLast =>
        Override.Node == PrefixTree.Nowhere && Special.Node == PrefixTree.Nowhere && Rtt.Node == PrefixTree.Nowhere && !Place.IsNode && !Network.IsNode;

    /// <summary>All addresses below have the same facts, as far as the chain asks for them.</summary>
    public bool IsSettled =>
        Override.Node == PrefixTree.Nowhere
        && (Override.Value != PrefixTree.None
            || (Special.Node == PrefixTree.Nowhere
                && (Special.Value != PrefixTree.None
                    || (!Place.IsNode && !Network.IsNode && Rtt.Node == PrefixTree.Nowhere))));
}
