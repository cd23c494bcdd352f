using System.Collections.Immutable;
using System.Net;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Bgp.Wire;

/// <summary>Path attributes that have a meaning here, with their type codes (RFC 4271 §4.3 and the RFCs named).</summary>
public enum AttributeType : byte
{
    Origin = 1,
    AsPath = 2,
    NextHop = 3,
    MultiExitDiscriminator = 4,
    LocalPreference = 5,
    AtomicAggregate = 6,
    Aggregator = 7,

    /// <summary>RFC 1997.</summary>
    Communities = 8,

    /// <summary>RFC 4760 §3.</summary>
    MpReachNlri = 14,

    /// <summary>RFC 4760 §4.</summary>
    MpUnreachNlri = 15,

    /// <summary>RFC 4360.</summary>
    ExtendedCommunities = 16,

    /// <summary>RFC 6793 §3.</summary>
    As4Path = 17,

    /// <summary>RFC 8092.</summary>
    LargeCommunities = 32,
}

/// <summary>Values of ORIGIN: RFC 4271 §4.3.</summary>
public enum BgpOrigin : byte
{
    Igp = 0,
    Egp = 1,
    Incomplete = 2,
}

/// <summary>An UPDATE as it was meant: both families, AS numbers of four octets.</summary>
public sealed record UpdateMessage
{
    public ImmutableArray<IPNetwork> Withdrawn { get; init; } = [];

    public ImmutableArray<IPNetwork> Announced { get; init; } = [];

    public BgpOrigin Origin { get; init; }

    /// <summary>The nearest first; the members of an AS_SET stand as one run, which is all that lengths and loops need here.</summary>
    public ImmutableArray<uint> AsPath { get; init; } = [];

    /// <summary>Of the IPv4 prefixes; null: there are none.</summary>
    public IPAddress? NextHopIpv4 { get; init; }

    /// <summary>The global one of the IPv6 prefixes; null: there are none.</summary>
    public IPAddress? NextHopIpv6 { get; init; }

    public uint? MultiExitDiscriminator { get; init; }

    /// <summary>All three kinds, in the order of <see cref="Community.Compare"/> when written, as received when read.</summary>
    public ImmutableArray<Community> Communities { get; init; } = [];

    /// <summary>End-of-RIB of this family (RFC 4724 §2); null: it is none.</summary>
    public AddressFamily? EndOfRib { get; init; }
}
