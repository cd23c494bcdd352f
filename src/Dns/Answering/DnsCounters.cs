using OrleansCdn.Dns.Wire;

namespace OrleansCdn.Dns.Answering;

/// <summary>What is counted of queries and answers beside their types and rcodes.</summary>
public enum DnsCount
{
    Udp,
    Tcp,
    Ipv6,
    Ignored,
    Malformed,
    Edns,
    DnssecOk,
    ClientSubnet,

    /// <summary>Answers whose client subnet has a scope above 0.</summary>
    Scoped,
    Nsid,
    CookieGood,
    CookieNew,
    CookieBad,

    /// <summary>Names outside all zones.</summary>
    OutsideZones,
    NoData,
    Referral,
    Wildcard,
    Steered,

    /// <summary>Steered answers of a PoP that is not eligible, because none of the list was.</summary>
    NoneEligible,
    Truncated,

    /// <summary>Answers that would have had to be signed and could not be.</summary>
    NotSigned,
}

/// <summary>Counts of one socket thread, which alone writes them; anybody may read.</summary>
public sealed class DnsCounters
{
    /// <summary>Types up to HTTPS one by one; the last place is all others.</summary>
    private const int TypePlaces = (int)DnsType.Https + 2;

    /// <summary>The largest rcode of ours is BADCOOKIE.</summary>
    private const int RcodePlaces = (int)DnsRcode.BadCookie + 1;

    private readonly long[] _counts = new long[Enum.GetValues<DnsCount>().Length];
    private readonly long[] _types = new long[TypePlaces];
    private readonly long[] _rcodes = new long[RcodePlaces];

    public long this[DnsCount count] => Volatile.Read(ref _counts[(int)count]);

    /// <summary>Queries of a type; of one above HTTPS: of all those together.</summary>
    public long Of(DnsType type) => Volatile.Read(ref _types[Place(type)]);

    public long Of(DnsRcode rcode) => Volatile.Read(ref _rcodes[(int)rcode]);

    internal void Add(DnsCount count) => Volatile.Write(ref _counts[(int)count], _counts[(int)count] + 1);

    internal void Add(DnsType type) => Volatile.Write(ref _types[Place(type)], _types[Place(type)] + 1);

    internal void Add(DnsRcode rcode) => Volatile.Write(ref _rcodes[(int)rcode], _rcodes[(int)rcode] + 1);

    private static int Place(DnsType type) => Math.Min((int)type, TypePlaces - 1);
}
