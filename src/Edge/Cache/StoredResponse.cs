using System.Globalization;
using Microsoft.Extensions.Primitives;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Origin;
using OrleansCdn.Edge.Rules;

namespace OrleansCdn.Edge.Cache;

/// <summary>A response that may be used again, with all that deciding so needs. All times in seconds.</summary>
public sealed class StoredResponse : StoreEntry
{
    /// <summary>Objects of this class, its dictionary entries and list nodes; measured with a million small objects.</summary>
    private const long FixedWeight = 488;

    private HitText? _hitText;
    private VisitorView? _view;
    private volatile CodedBodies _codings = CodedBodies.None;
    private int _askedFor;

    public required CacheKey Key { get; init; }

    /// <summary>As purges name it.</summary>
    public required string Url { get; init; }

    public required int Status { get; init; }

    /// <summary>As the origin sent it, hop-by-hop fields dropped.</summary>
    public required ResponseHeader Header { get; init; }

    /// <summary>What visitors get: without tags and <c>Age</c>.</summary>
    public required ResponseHeader VisitorHeader { get; init; }

    /// <summary>Empty when the object is kept in blocks.</summary>
    public required CachedBody Body { get; init; }

    /// <summary>The blocks of a large object; null: <see cref="Body"/> is all of it.</summary>
    public SlicedBody? Slices { get; init; }

    public required VarySelector Vary { get; init; }

    public required string[] Tags { get; init; }

    public required StorageDecision Storage { get; init; }

    /// <summary>Null: not known.</summary>
    public ResponseSource? Source { get; init; }

    /// <summary>RFC 9111 §4.2.3 corrected_initial_age.</summary>
    public required double InitialAge { get; init; }

    /// <summary>Monotonic time of the response.</summary>
    public required double ReceivedAt { get; init; }

    /// <summary>Of <see cref="PurgeIndex.Applied"/> when the fill began; raised by the sweeper once older purges were compared.</summary>
    public long Stamp { get; set; }

    /// <summary>Everything in the purge index up to here was compared and does not cover this object.</summary>
    public long CheckedAt { get; set; }

    /// <summary>Monotonic time of a soft purge; NaN: none.</summary>
    public double SoftPurgedAt { get; set; } = double.NaN;

    internal override int GhostHash => Key.GetHashCode();

    public double Age(double now) => Math.Min(InitialAge + Math.Max(0, now - ReceivedAt), CacheDirectives.MaxSeconds);

    /// <summary>Seconds of freshness left; negative when stale.</summary>
    public double TimeToLive(double now) => double.IsNaN(SoftPurgedAt)
        ? Storage.Lifetime - Age(now)
        : Math.Min(Storage.Lifetime - Age(now), SoftPurgedAt - now);

    /// <summary>
    /// When an origin last said that it is right: at its own answer, whatever ages and dates that had; otherwise as long ago as it has been
    /// on its way to here, in other edges and on disk.
    /// </summary>
    public double ConfirmedAt => Source is { From: FilledFrom.Origin, IsFromDisk: false } ? ReceivedAt : ReceivedAt - InitialAge;

    public bool IsFresh(double now) => TimeToLive(now) > 0;

    public bool HasValidator => Header.Contains("ETag") || Header.Contains("Last-Modified");

    /// <summary>The body in the codings that this edge has made; written by the store, and by who carries them over before it is stored.</summary>
    internal CodedBodies Codings
    {
        get => _codings;
        set => _codings = value;
    }

    /// <summary>True for the first who asks for a coding to be made.</summary>
    internal bool TryAskFor(ContentCoding coding) =>
        (Volatile.Read(ref _askedFor) & (int)coding) == 0 && (Interlocked.Or(ref _askedFor, (int)coding) & (int)coding) == 0;

    internal void ForgetAskedFor(ContentCoding coding) => Interlocked.And(ref _askedFor, ~(int)coding);

    /// <summary>How visitors see it under these rules; made anew when the config changes.</summary>
    internal VisitorView ViewUnder(SiteRules rules, string pop)
    {
        VisitorView? view = _view;
        if (view is null || view.Rules != rules)
        {
            _view = view = rules.ViewOf(this, pop);
        }

        return view;
    }

    public long ComputeWeight()
    {
        long weight = FixedWeight + Body.Allocated + _codings.Allocated + Header.Weight() + VisitorHeader.Weight(Header) + (_view?.Header.Weight(Header) ?? 0) + Vary.Weight()
            + (2L * (Key.Target.Length + Key.Authority.Length + Url.Length));
        foreach (string tag in Tags)
        {
            weight += 32 + (2L * tag.Length);
        }

        return weight;
    }

    /// <summary>The two fields that change with the seconds, made once a second and object.</summary>
    public HitText TextAt(double now, string pop)
    {
        long age = (long)Age(now);
        long ttl = (long)Math.Floor(TimeToLive(now));
        HitText? text = _hitText;
        if (text is null || text.AgeSeconds != age || text.TtlSeconds != ttl)
        {
            text = new HitText(age, ttl, age.ToString(CultureInfo.InvariantCulture), $"{pop}; hit; ttl={ttl.ToString(CultureInfo.InvariantCulture)}");
            _hitText = text;
        }

        return text;
    }
}

/// <summary><c>Age</c> and <c>Cache-Status</c> of a hit in one second.</summary>
public sealed record HitText(long AgeSeconds, long TtlSeconds, StringValues Age, StringValues CacheStatus);
