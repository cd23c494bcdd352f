using Microsoft.Extensions.Primitives;

namespace OrleansCdn.Edge.Cache;

[Flags]
public enum CacheFlags
{
    None = 0,
    NoStore = 1 << 0,
    NoCache = 1 << 1,
    Private = 1 << 2,
    Public = 1 << 3,
    MustRevalidate = 1 << 4,
    ProxyRevalidate = 1 << 5,
    MustUnderstand = 1 << 6,
    Immutable = 1 << 7,
    NoTransform = 1 << 8,
    OnlyIfCached = 1 << 9,
}

/// <summary>
/// Directives of <c>Cache-Control</c> (RFC 9111 §5.2). Times are whole seconds, clamped to 2³¹ (§1.2.2); null is absent.
/// </summary>
/// <remarks>
/// The first of several equal directives counts (§4.2.1). An invalid lifetime counts as 0: a response whose lifetime
/// cannot be read is stale. Field-name forms of <c>no-cache</c> and <c>private</c> count as the unqualified ones.
/// </remarks>
public struct CacheDirectives
{
    /// <summary>RFC 9111 §1.2.2: a value that does not fit becomes 2^31.</summary>
    public const long MaxSeconds = 1L << 31;

    public CacheFlags Flags { get; private set; }

    public long? MaxAge { get; private set; }

    public long? SharedMaxAge { get; private set; }

    /// <summary>RFC 5861 §3.</summary>
    public long? StaleWhileRevalidate { get; private set; }

    /// <summary>RFC 5861 §4.</summary>
    public long? StaleIfError { get; private set; }

    /// <summary>Requests only; without a value any staleness is accepted, which is <see cref="MaxSeconds"/>.</summary>
    public long? MaxStale { get; private set; }

    /// <summary>Requests only.</summary>
    public long? MinFresh { get; private set; }

    public readonly bool Has(CacheFlags flag) => (Flags & flag) != 0;

    /// <summary>Parses every line of the field; never fails, unknown directives are passed over.</summary>
    public static CacheDirectives Parse(StringValues lines)
    {
        CacheDirectives directives = default;
        foreach (string? line in lines)
        {
            if (line is not null)
            {
                directives.ParseLine(line);
            }
        }

        return directives;
    }

    private void ParseLine(ReadOnlySpan<char> text)
    {
        while (DirectiveReader.TryRead(ref text, out ReadOnlySpan<char> name, out ReadOnlySpan<char> value, out bool hasValue))
        {
            Apply(name, value, hasValue);
        }
    }

    private void Apply(ReadOnlySpan<char> name, ReadOnlySpan<char> value, bool hasValue)
    {
        switch (name.Length)
        {
            case 6 when Is(name, "public"): Flags |= CacheFlags.Public; break;
            case 7 when Is(name, "private"): Flags |= CacheFlags.Private; break;
            case 7 when Is(name, "max-age"): MaxAge ??= Seconds(value); break;
            case 8 when Is(name, "no-store"): Flags |= CacheFlags.NoStore; break;
            case 8 when Is(name, "no-cache"): Flags |= CacheFlags.NoCache; break;
            case 8 when Is(name, "s-maxage"): SharedMaxAge ??= Seconds(value); break;
            case 9 when Is(name, "immutable"): Flags |= CacheFlags.Immutable; break;
            case 9 when Is(name, "max-stale"): MaxStale ??= hasValue ? Seconds(value) : MaxSeconds; break;
            case 9 when Is(name, "min-fresh"): MinFresh ??= Seconds(value); break;
            case 12 when Is(name, "no-transform"): Flags |= CacheFlags.NoTransform; break;
            case 14 when Is(name, "only-if-cached"): Flags |= CacheFlags.OnlyIfCached; break;
            case 14 when Is(name, "stale-if-error"): StaleIfError ??= Seconds(value); break;
            case 15 when Is(name, "must-revalidate"): Flags |= CacheFlags.MustRevalidate; break;
            case 15 when Is(name, "must-understand"): Flags |= CacheFlags.MustUnderstand; break;
            case 16 when Is(name, "proxy-revalidate"): Flags |= CacheFlags.ProxyRevalidate; break;
            case 22 when Is(name, "stale-while-revalidate"): StaleWhileRevalidate ??= Seconds(value); break;
            default: break;
        }
    }

    /// <summary>A member of a targeted field (RFC 9213 §2.1); false when its type is not the directive's.</summary>
    internal bool TryApply(StructuredItem member)
    {
        bool isLifetime = member.Name is "max-age" or "s-maxage" or "stale-while-revalidate" or "stale-if-error";
        bool isFlag = member.Name is "public" or "private" or "no-store" or "no-cache" or "immutable" or "no-transform"
            or "must-revalidate" or "must-understand" or "proxy-revalidate";
        if (isLifetime)
        {
            Apply(member.Name, Math.Max(0, member.Number).ToString(System.Globalization.CultureInfo.InvariantCulture), hasValue: true);
            return member.Kind == StructuredKind.WholeNumber;
        }

        // The field-name forms of no-cache and private are strings.
        bool isOn = isFlag && (member.Kind != StructuredKind.Flag || member.Number == 1);
        if (isOn)
        {
            Apply(member.Name, default, hasValue: false);
        }

        return !isFlag || member.Kind == StructuredKind.Flag || (member.Kind == StructuredKind.Text && member.Name is "no-cache" or "private");
    }

    private static bool Is(ReadOnlySpan<char> name, ReadOnlySpan<char> directive) => name.Equals(directive, StringComparison.OrdinalIgnoreCase);

    /// <summary>delta-seconds; 0 for anything else.</summary>
    internal static long Seconds(ReadOnlySpan<char> value)
    {
        if (value.IsEmpty)
        {
            return 0;
        }

        long seconds = 0;
        foreach (char c in value)
        {
            if (!char.IsAsciiDigit(c))
            {
                return 0;
            }

            seconds = Math.Min((seconds * 10) + (c - '0'), MaxSeconds);
        }

        return seconds;
    }
}
