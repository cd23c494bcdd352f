namespace OrleansCdn.Dns.Wire;

/// <summary>RFC 1035 §3.2.4 and §3.2.5.</summary>
public enum DnsClass : ushort
{
    Internet = 1,
    Chaos = 3,
    Any = 255,
}
