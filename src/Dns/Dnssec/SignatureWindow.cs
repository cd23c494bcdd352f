namespace OrleansCdn.Dns.Dnssec;

/// <summary>
/// When a signature counts. All nameservers of the fleet sign the same records for the same time without talking to each other: time is cut into
/// pieces of <see cref="Renewal"/>, at another place for each set of records, so that a zone is not signed anew at one instant.
/// </summary>
/// <param name="Inception">Seconds since 1970, modulo 2³² (RFC 4034 §3.1.5).</param>
/// <param name="Expiration">As <paramref name="Inception"/>.</param>
internal readonly record struct SignatureWindow(uint Inception, uint Expiration)
{
    /// <summary>Half of the validity, as usual (RFC 6781 §4.4.2): a week is left to mend an edge whose clock or keys are wrong.</summary>
    public const long Renewal = 7 * 24 * 3600;

    public const long Validity = 2 * Renewal;

    /// <summary>Resolvers whose clocks are behind.</summary>
    public const long ClockSkew = 3600;

    /// <param name="now">Seconds since 1970.</param>
    /// <param name="spread">Any number that is always the same for the same set of records.</param>
    public static SignatureWindow At(long now, uint spread)
    {
        long offset = spread % Renewal;
        long start = ((now - offset) / Renewal * Renewal) + offset;
        return new SignatureWindow((uint)(start - ClockSkew), (uint)(start + Validity));
    }
}
