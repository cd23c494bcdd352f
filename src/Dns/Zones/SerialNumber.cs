namespace OrleansCdn.Dns.Zones;

/// <summary>Serials count in a circle of 2^32 (RFC 1982).</summary>
public static class SerialNumber
{
    /// <summary>Whether a secondary that has <paramref name="before"/> takes <paramref name="after"/> for newer (§3.2).</summary>
    public static bool IsAfter(uint after, uint before) => after != before && unchecked(after - before) < 0x8000_0000;
}
