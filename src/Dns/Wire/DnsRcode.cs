namespace OrleansCdn.Dns.Wire;

/// <summary>RFC 1035 §4.1.1 and, from 16 on, the upper bits in the OPT record (RFC 6891 §6.1.3).</summary>
public enum DnsRcode : ushort
{
    NoError = 0,
    FormErr = 1,
    ServFail = 2,
    NxDomain = 3,
    NotImp = 4,
    Refused = 5,

    /// <summary>RFC 6891 §9.</summary>
    BadVers = 16,

    /// <summary>RFC 7873 §8.</summary>
    BadCookie = 23,
}
