namespace OrleansCdn.Dns.Zones;

/// <summary>Where a name leads in its zone.</summary>
public enum ZoneVerdict
{
    /// <summary>The name is there.</summary>
    Exact,

    /// <summary>It is not, and a wildcard stands for it (RFC 4592 §3.3.1).</summary>
    Wildcard,

    /// <summary>It is at or below a delegation.</summary>
    Delegation,

    /// <summary>There is no such name.</summary>
    NameError,
}

/// <param name="Verdict">What was found.</param>
/// <param name="Node">The name's, the wildcard's or the cut's; of a name error the closest that exists.</param>
public readonly record struct ZoneLookup(ZoneVerdict Verdict, ZoneNode Node);
