using System.Collections.Immutable;
using OrleansCdn.Contracts.Dns;

namespace OrleansCdn.Grains.Dns;

/// <summary>
/// Secrets of cookies, changed in three steps (RFC 9018 §5): every nameserver takes the next one; all make cookies with it; the one before is forgotten.
/// Immutable, pure.
/// </summary>
internal sealed record CookieRow
{
    /// <summary>RFC 7873 §7.1 has at most 36 days.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(7);

    /// <summary>Cookies are taken for an hour, and five minutes of clocks that differ (RFC 9018 §4.3).</summary>
    public static readonly TimeSpan CookieAge = TimeSpan.FromMinutes(65);

    /// <summary>Base64; empty: there is none yet.</summary>
    public string Current { get; init; } = "";

    public string? Next { get; init; }

    public string? Former { get; init; }

    /// <summary>When the last step was taken.</summary>
    public DateTimeOffset Since { get; init; }

    /// <summary>The desk's revision with the last step.</summary>
    public long SinceRevision { get; init; }

    /// <summary>When the edges that a silo reaches were known to have it.</summary>
    public DateTimeOffset? HeldSince { get; init; }

    public CookieKeys Keys => new(Current, [.. new[] { Next, Former }.OfType<string>()]);

    /// <param name="held">What every edge that a silo reaches has, or newer.</param>
    /// <param name="next">The desk's revision, should this change anything.</param>
    /// <param name="make">Makes a secret.</param>
    public CookieRow Step(long held, long next, DateTimeOffset now, Func<string> make)
    {
        if (Current.Length == 0)
        {
            return new CookieRow { Current = make(), Since = now, SinceRevision = next };
        }

        CookieRow row = HeldSince is null && held >= SinceRevision ? this with { HeldSince = now } : this;
        return row switch
        {
            { HeldSince: null } => row,
            { Next: { } following } => new CookieRow { Current = following, Former = Current, Since = now, SinceRevision = next },
            { Former: not null } when now >= row.HeldSince + CookieAge => row with { Former = null, Since = now, SinceRevision = next, HeldSince = null },
            { Former: null } when now >= Since + Lifetime => row with { Next = make(), Since = now, SinceRevision = next, HeldSince = null },
            _ => row,
        };
    }
}
