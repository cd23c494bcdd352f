using OrleansCdn.Dns.Geo;

namespace OrleansCdn.Dns.Steering;

/// <summary>All that the chain decides by, for one network.</summary>
internal readonly record struct ChainFacts
{
    /// <summary>Index into the policy's overrides, or <see cref="PrefixTree.None"/>.</summary>
    public required int Prefix { get; init; }

    public required GeoRecord Place { get; init; }

    /// <summary>0: not known.</summary>
    public required uint Asn { get; init; }

    /// <summary>Index into the usable measurements, or <see cref="PrefixTree.None"/>.</summary>
    public required int Rtt { get; init; }
}
