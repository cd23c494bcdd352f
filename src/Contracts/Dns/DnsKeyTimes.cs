namespace OrleansCdn.Contracts.Dns;

/// <summary>How long something of a signed zone lives in other people's caches. Steps of a key change wait for it (RFC 7583), so nothing may live longer.</summary>
public static class DnsKeyTimes
{
    /// <summary>Of DNSKEY, CDS and CDNSKEY.</summary>
    public const int DnskeyTtlSeconds = 3600;

    /// <summary>Longest time to live of a record in a signed zone: a day, which is what records that hardly change have.</summary>
    public const int MaxTtlSeconds = 86_400;

    /// <summary>Of DS records where the operator does not say it: most registries have a day or less.</summary>
    public static readonly TimeSpan DefaultDsTtl = TimeSpan.FromDays(1);

    /// <summary>Clocks that differ, answers on their way, and a parent's own nameservers that follow each other.</summary>
    public static readonly TimeSpan Margin = TimeSpan.FromHours(1);
}
