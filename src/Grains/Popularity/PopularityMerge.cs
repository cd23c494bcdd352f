using System.Collections.Immutable;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Grains.Popularity;

/// <summary>
/// Puts together what the edges have counted of one site. Each has counted with Space-Saving (Metwally et al., ICDT 2005), so
/// that the sums keep their bounds: an URL has at least the sum of what is certain, and at most that of the counts and, for edges
/// that do not name it, of their floors (Agarwal et al., PODS 2012). Pure: it is handed the time.
/// </summary>
internal sealed class PopularityMerge
{
    /// <summary>Edges that count: ten times the servers of the network that this is made for. With all their URLs some 50 MB.</summary>
    public const int MaxEdges = 200;

    /// <summary>An edge that has been silent for so long is forgotten: its counts weigh a sixty-fourth by then.</summary>
    private static readonly TimeSpan ForgetAfter = 6 * PopularityLimits.HalfLife;

    /// <summary>Reports that may be late before an edge counts as silent.</summary>
    private static readonly TimeSpan Grace = 3 * PopularityLimits.ReportInterval;

    private readonly Dictionary<(string Pop, string Edge), Teller> _tellers = [];

    private sealed class Teller
    {
        public List<UrlPopularity> Coming { get; set; } = [];

        /// <summary>That <see cref="Coming"/> comes by, and its next part; -1: none until another first one.</summary>
        public (string Connection, int Part) Next { get; set; } = ("", -1);

        public List<UrlPopularity> Urls { get; set; } = [];

        /// <summary>The last part of what is in force; null: nothing is yet.</summary>
        public EdgePopularity? Total { get; set; }

        public DateTimeOffset At { get; set; }
    }

    /// <summary>A part of a report. Parts that do not follow one another, or have what no edge sends, are dropped.</summary>
    public void Take(PopPopularity report, DateTimeOffset now)
    {
        EdgePopularity part = report.Part;
        if (!IsSound(part) || Find((report.Pop, report.Edge), now) is not { } teller)
        {
            return;
        }

        if (part.Part == 0)
        {
            (teller.Coming, teller.Next) = ([], (report.Connection, 0));
        }

        if (teller.Next != (report.Connection, part.Part) || teller.Coming.Count + part.Urls.Length > PopularityLimits.MaxUrls)
        {
            (teller.Coming, teller.Next) = ([], ("", -1));
            return;
        }

        teller.Coming.AddRange(part.Urls);
        teller.Next = (report.Connection, part.Part + 1);
        if (part.IsLast)
        {
            (teller.Urls, teller.Total, teller.At) = (teller.Coming, part with { Urls = [] }, now);
            (teller.Coming, teller.Next) = ([], ("", -1));
        }
    }

    public PopularityView Top(string site, int count, string? pop, DateTimeOffset now)
    {
        var sums = new Dictionary<string, Sum>(StringComparer.Ordinal);
        (double perMinute, double misses, double floors, int edges) = (0, 0, 0, 0);
        foreach (((string at, _), Teller teller) in _tellers)
        {
            if (teller.Total is not { } total || (pop is not null && pop != at) || now - teller.At > ForgetAfter)
            {
                continue;
            }

            double weight = WeightAfter(now - teller.At);
            edges++;
            perMinute += total.PerMinute * weight;
            misses += total.MissesPerMinute * weight;
            floors += total.Floor * weight;
            foreach (UrlPopularity url in teller.Urls)
            {
                Sum sum = sums.GetValueOrDefault(url.Url);
                sums[url.Url] = new Sum(
                    sum.Least + ((url.PerMinute - url.Error) * weight),
                    sum.Most + (url.PerMinute * weight),
                    sum.Misses + (url.MissesPerMinute * weight),
                    sum.Floors + (total.Floor * weight));
            }
        }

        return new PopularityView
        {
            Site = site,
            Pop = pop,
            Edges = edges,
            PerMinute = perMinute,
            MissesPerMinute = misses,
            Urls =
            [
                .. sums.OrderByDescending(s => s.Value.Least).ThenByDescending(s => s.Value.Most).ThenBy(s => s.Key, StringComparer.Ordinal)
                    .Take(Math.Clamp(count, 0, PopularityView.MaxCount))
                    .Select(s => new PopularUrl
                    {
                        Url = s.Key,
                        PerMinute = s.Value.Least,
                        Error = s.Value.Most - s.Value.Least + Math.Max(0, floors - s.Value.Floors),
                        MissesPerMinute = s.Value.Misses,
                        Share = perMinute > 0 ? Math.Min(1, s.Value.Least / perMinute) : 0,
                    }),
            ],
        };
    }

    /// <param name="Floors">Of the edges that name it.</param>
    private readonly record struct Sum(double Least, double Most, double Misses, double Floors);

    private static double WeightAfter(TimeSpan silence) =>
        silence <= Grace ? 1 : Math.Pow(0.5, (silence - Grace) / PopularityLimits.HalfLife);

    /// <summary>Null: too many edges tell already.</summary>
    private Teller? Find((string Pop, string Edge) edge, DateTimeOffset now)
    {
        if (_tellers.TryGetValue(edge, out Teller? teller))
        {
            return teller;
        }

        foreach ((string, string) gone in _tellers.Where(t => now - t.Value.At > ForgetAfter).Select(t => t.Key).ToList())
        {
            _tellers.Remove(gone);
        }

        return _tellers.Count < MaxEdges ? _tellers[edge] = new Teller { At = now } : null;
    }

    private static bool IsSound(EdgePopularity part) =>
        part.Part is >= 0 and <= PopularityLimits.MaxUrls && IsRate(part.PerMinute) && IsRate(part.MissesPerMinute) && IsRate(part.Floor)
        && !part.Urls.IsDefault && part.Urls.Length <= PopularityLimits.MaxPartUrls
        && part.Urls.All(u => u is { Url.Length: > 0 and <= PopularityLimits.MaxUrlLength }
            && IsRate(u.PerMinute) && IsRate(u.Error) && IsRate(u.MissesPerMinute) && u.Error <= u.PerMinute);

    /// <summary>Far above what an edge can do; sums of it stay exact enough.</summary>
    private static bool IsRate(double rate) => rate is >= 0 and < 1e12;
}
