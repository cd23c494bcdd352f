namespace OrleansCdn.Edge.Tests.Properties;

internal enum Expected
{
    Miss,
    Fresh,

    /// <summary>Stale, to be served while it is refreshed.</summary>
    WhileRevalidating,

    /// <summary>Stored, and to be asked for first.</summary>
    Stale,

    /// <summary>So near a boundary, or so uncertain, that nothing is claimed.</summary>
    Unknown,
}

/// <summary>One stored response, as the model sees it.</summary>
internal sealed record Entry
{
    public required int Serial { get; init; }

    public required OriginPolicy Policy { get; init; }

    public required string Selecting { get; init; }

    public required string? Tag { get; init; }

    public required double RequestedAt { get; init; }

    public required double ReceivedAt { get; init; }

    public required long Stamp { get; init; }

    /// <summary>When it stopped being fresh, or will: RFC 9111 §4.2.3, for an origin that does not send Date.</summary>
    public double StaleFrom => RequestedAt - (Policy.Age ?? 0) + Rules.Lifetime(Policy)!.Value;
}

/// <summary>A cache as a dictionary of lists, filled from what the origin is seen to answer. It never forgets but by the rules.</summary>
internal sealed class CacheModel(PurgeLog purges)
{
    /// <summary>Seconds next to a boundary where the arithmetic of either side may round differently.</summary>
    private const double Margin = 0.001;

    private readonly Dictionary<ModelKey, List<Entry>> _stored = [];
    private readonly HashSet<ModelKey> _uncertain = [];

    /// <summary>Nothing is claimed of what is stored under a key, until it is emptied: requests raced with each other.</summary>
    public void Doubt(ModelKey key) => _uncertain.Add(key);

    public bool IsUncertain(ModelKey key) => _uncertain.Contains(key);

    public void Empty(ModelKey key)
    {
        _stored.Remove(key);
        _uncertain.Remove(key);
    }

    /// <summary>The newest entry that the request selects (RFC 9111 §4.1) and what may be done with it.</summary>
    public Expected Look(ModelRequest request, double now, out Entry? found)
    {
        found = null;
        if (!_stored.TryGetValue(request.Key, out List<Entry>? entries))
        {
            return IsUncertain(request.Key) ? Expected.Unknown : Expected.Miss;
        }

        found = entries.FindLast(e => e.Selecting == Rules.Selecting(e.Policy, request));
        if (found is not null && purges.IsHardPurged(request.Key, found.Policy, found.Stamp))
        {
            entries.Remove(found);
            found = null;
        }

        if (IsUncertain(request.Key))
        {
            found = null;
            return Expected.Unknown;
        }

        return found is null ? Expected.Miss : Classify(request.Key, found, now);
    }

    private Expected Classify(ModelKey key, Entry entry, double now)
    {
        double staleFrom = Math.Min(entry.StaleFrom, purges.SoftPurgedAt(key, entry.Policy, entry.Stamp) ?? double.MaxValue);
        if (now < staleFrom - Margin)
        {
            return Expected.Fresh;
        }

        double stale = now - staleFrom;
        double whileRevalidating = Rules.StaleWhileRevalidate(entry.Policy);
        double doubt = staleFrom < entry.StaleFrom ? World.SoftPurgeSlack + Margin : Margin;
        if (stale < Margin || Math.Abs(stale - whileRevalidating) < doubt)
        {
            return Expected.Unknown;
        }

        return stale < whileRevalidating ? Expected.WhileRevalidating : Expected.Stale;
    }

    /// <summary>Whether the entry must stand in for an origin that fails.</summary>
    public bool MustStandIn(ModelKey key, Entry entry, double now)
    {
        double staleFrom = Math.Min(entry.StaleFrom, purges.SoftPurgedAt(key, entry.Policy, entry.Stamp) ?? double.MaxValue);
        return now - staleFrom < Rules.StaleIfError(entry.Policy) - Margin;
    }

    /// <summary>Takes in an answer of the origin to a request that found <paramref name="stale"/> stored.</summary>
    public void Learn(Fetch fetch, ModelRequest request, Entry? stale)
    {
        ModelKey key = request.Key;
        if (fetch.IsDown || fetch.Request.Method != "GET")
        {
            return;
        }

        OriginPolicy policy = fetch.Is304 && stale is not null ? Merge(stale.Policy, fetch.Policy) : fetch.Policy;
        MayStore may = Rules.Storable(policy, request);
        if (!fetch.Is304 && Rules.IsFailure(policy.Status) && (stale is not null || may != MayStore.Yes))
        {
            // A failed refresh never replaces anything.
            return;
        }

        if (may == MayStore.Yes && !fetch.Is304 && Rules.IsTooLarge(key, policy) && (policy.HasLength || !policy.Truncated))
        {
            may = MayStore.ResourceForbids;
        }

        if (may == MayStore.RequestForbids || (may == MayStore.Yes && !fetch.Is304 && policy.Truncated))
        {
            return;
        }

        List<Entry> entries = _stored.TryGetValue(key, out List<Entry>? known) ? known : _stored[key] = [];
        if (may == MayStore.ResourceForbids)
        {
            entries.RemoveAll(e => e == stale);
            return;
        }

        if (fetch.Is304)
        {
            entries.RemoveAll(e => e == stale);
        }

        var entry = new Entry
        {
            Serial = fetch.Is304 ? stale!.Serial : fetch.Serial,
            Policy = policy,
            Selecting = Rules.Selecting(policy, request),
            Tag = policy.HasTag ? fetch.Tag : null,
            RequestedAt = fetch.RequestedAt,
            ReceivedAt = fetch.ReceivedAt,
            Stamp = fetch.Stamp,
        };
        entries.RemoveAll(e => e.Selecting == entry.Selecting && SameVary(e.Policy, policy));
        entries.Add(entry);
    }

    private static bool SameVary(OriginPolicy a, OriginPolicy b) => a.VaryLanguage == b.VaryLanguage && a.VaryEncoding == b.VaryEncoding;

    /// <summary>RFC 9111 §3.2: fields of the 304 replace the stored ones, the others stay.</summary>
    public static OriginPolicy Merge(OriginPolicy stored, OriginPolicy update)
    {
        OriginPolicy merged = stored with { SetCookie = update.SetCookie, Age = update.Age };
        if (update.CacheControl().Length > 0)
        {
            merged = merged with
            {
                MaxAge = update.MaxAge, SharedMaxAge = update.SharedMaxAge, StaleWhileRevalidate = update.StaleWhileRevalidate,
                StaleIfError = update.StaleIfError, NoStore = update.NoStore, NoCache = update.NoCache, Private = update.Private,
                Public = update.Public, MustRevalidate = update.MustRevalidate,
            };
        }

        if (update.Vary().Length > 0)
        {
            merged = merged with { VaryLanguage = update.VaryLanguage, VaryEncoding = update.VaryEncoding, VaryAny = update.VaryAny };
        }

        return update.Tags.Length > 0 ? merged with { Tags = update.Tags } : merged;
    }
}
