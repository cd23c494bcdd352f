namespace OrleansCdn.Dns.Wire;

/// <summary>RFC 1035 §4.1.1.</summary>
public static class DnsHeader
{
    public const int Length = 12;

    /// <summary>Bits of the octet at offset 2.</summary>
    public const byte Response = 0x80;
    public const byte OpcodeMask = 0x78;
    public const byte Authoritative = 0x04;
    public const byte Truncated = 0x02;
    public const byte RecursionDesired = 0x01;

    /// <summary>Bits of the octet at offset 3; CD is RFC 4035 §3.1.6.</summary>
    public const byte CheckingDisabled = 0x10;
    public const byte RcodeMask = 0x0f;
}
