using Microsoft.AspNetCore.Http;

namespace OrleansCdn.Edge.Cache;

public enum LookupVerdict
{
    /// <summary>Nothing usable is stored.</summary>
    Miss,

    /// <summary>May be served as it is.</summary>
    Fresh,

    /// <summary>May be served now, while one request refreshes it (RFC 5861 §3).</summary>
    StaleWhileRevalidate,

    /// <summary>Stored, to be confirmed first.</summary>
    Stale,
}

/// <summary>What the store has for a request, after the purges that this edge has applied.</summary>
public static class Lookup
{
    /// <param name="confirmBefore">What was confirmed before this is stale, fresh or not (<see cref="EdgeState.ConfirmBefore"/>).</param>
    public static LookupVerdict Find(
        MemoryStore store, PurgeIndex purges, CacheKey key, IHeaderDictionary request, double now, out StoredResponse? response,
        double confirmBefore = double.NegativeInfinity)
    {
        response = null;
        if (!store.TryGet(key, out CachedResource? resource) || resource.Select(request) is not { } found)
        {
            return LookupVerdict.Miss;
        }

        long applied = purges.Applied;
        if (found.CheckedAt != applied && !PassesPurges(store, purges, found, applied, now))
        {
            return LookupVerdict.Miss;
        }

        response = found;
        return Judge(found, found.TimeToLive(now), confirmBefore);
    }

    /// <summary>What <see cref="Find"/> would say, without changing anything.</summary>
    public static LookupVerdict Peek(
        MemoryStore store, PurgeIndex purges, CacheKey key, IHeaderDictionary request, double now, out StoredResponse? response,
        double confirmBefore = double.NegativeInfinity)
    {
        response = null;
        if (!store.TryGet(key, out CachedResource? resource) || resource.Select(request) is not { } found)
        {
            return LookupVerdict.Miss;
        }

        PurgeVerdict purged = purges.Check(key.Site, found.Url, found.Tags, found.Stamp);
        if (purged == PurgeVerdict.Hard)
        {
            return LookupVerdict.Miss;
        }

        response = found;
        double ttl = found.TimeToLive(now);
        return Judge(found, purged == PurgeVerdict.Soft ? Math.Min(ttl, 0) : ttl, confirmBefore);
    }

    private static LookupVerdict Judge(StoredResponse found, double ttl, double confirmBefore) =>
        found.ConfirmedAt < confirmBefore ? LookupVerdict.Stale
        : ttl > 0 ? LookupVerdict.Fresh
        : -ttl < found.Storage.StaleWhileRevalidate ? LookupVerdict.StaleWhileRevalidate
        : LookupVerdict.Stale;

    private static bool PassesPurges(MemoryStore store, PurgeIndex purges, StoredResponse found, long applied, double now)
    {
        switch (purges.Check(found.Key.Site, found.Url, found.Tags, found.Stamp))
        {
            case PurgeVerdict.Hard:
                store.RemovePurged(found);
                return false;
            case PurgeVerdict.Soft when double.IsNaN(found.SoftPurgedAt):
                found.SoftPurgedAt = now;
                break;
            default:
                break;
        }

        found.CheckedAt = applied;
        return true;
    }

    /// <summary>Whether a stale response may stand in for an origin that fails (RFC 5861 §4, RFC 9111 §4.2.4).</summary>
    public static bool MayStandIn(StoredResponse response, double now) =>
        !response.Storage.NeverStale && -response.TimeToLive(now) < response.Storage.StaleIfError;
}
