namespace OrleansCdn.Dns.Wire;

/// <summary>Types that the server or the zone reader knows by name (IANA DNS parameters); all others go through as numbers (RFC 3597).</summary>
public enum DnsType : ushort
{
    None = 0,
    A = 1,
    Ns = 2,
    CName = 5,
    Soa = 6,

    /// <summary>PTR; spelt out because analyzers take it for a type of C.</summary>
    PtrRecord = 12,
    HInfo = 13,
    Mx = 15,
    Txt = 16,
    Aaaa = 28,
    Loc = 29,
    Srv = 33,
    Naptr = 35,
    DName = 39,
    Opt = 41,
    Ds = 43,
    SshFp = 44,
    RrSig = 46,
    Nsec = 47,
    DnsKey = 48,
    Nsec3 = 50,
    Nsec3Param = 51,
    Tlsa = 52,
    Cds = 59,
    CDnsKey = 60,
    Svcb = 64,
    Https = 65,

    /// <summary>RFC 9824: stands in type bitmaps only, for a name that does not exist.</summary>
    NxName = 128,
    TKey = 249,
    TSig = 250,
    Ixfr = 251,
    Axfr = 252,
    MailB = 253,
    MailA = 254,
    Any = 255,
    Caa = 257,
}
