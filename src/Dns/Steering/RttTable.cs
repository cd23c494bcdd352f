using System.Collections.Immutable;
using System.Net;

namespace OrleansCdn.Dns.Steering;

/// <summary>Round-trip times that were measured between visitors' networks and PoPs.</summary>
public sealed record RttTable(ImmutableArray<RttRow> Rows)
{
    /// <summary>Fewer samples are not believed: the median of twenty is off by a quarter of the spread at most, nine times of ten.</summary>
    public const int MinSamples = 20;

    /// <summary>Routes and networks change by the week.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromDays(7);

    /// <summary>A gain of less is not worth moving visitors (and their caches) for.</summary>
    public const double MinGainMilliseconds = 10;

    /// <summary>The same for those who are far away, as a share of what they have.</summary>
    public const double MinGainShare = 0.1;

    public static readonly RttTable Empty = new([]);

    /// <summary>What of it is believed at <paramref name="now"/>.</summary>
    public RttTable Usable(DateTimeOffset now) => new(
    [
        .. Rows
            .Select(row => row with
            {
                Medians = [.. row.Medians.Where(m => m.Samples >= MinSamples && now - m.Newest <= MaxAge && m.Milliseconds is >= 0 and < double.PositiveInfinity)],
            })
            .Where(row => !row.Medians.IsEmpty),
    ]);
}

/// <param name="Network">The longest that an address is in counts.</param>
/// <param name="Medians">Each PoP once.</param>
public sealed record RttRow(IPNetwork Network, ImmutableArray<RttMedian> Medians);

/// <param name="Pop">Id.</param>
/// <param name="Milliseconds">The median.</param>
/// <param name="Samples">How many there were.</param>
/// <param name="Newest">When the last of them was measured.</param>
public readonly record struct RttMedian(string Pop, double Milliseconds, int Samples, DateTimeOffset Newest);
