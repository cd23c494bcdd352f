using OrleansCdn.Edge.Cache;

namespace OrleansCdn.Bench.Store;

/// <summary>Stored responses as a fill makes them.</summary>
internal static class SmallObjects
{
    public static CacheKey Key(string target) => new("site", true, "www.example.com", target);

    public static StoredResponse New(string target, CachedBody body, ResponseHeader header, ResponseHeader visitorHeader)
    {
        CacheKey key = Key(target);
        return new StoredResponse
        {
            Key = key, Url = key.Url, Status = 200, Header = header, VisitorHeader = visitorHeader, Body = body, Vary = VarySelector.None, Tags = [],
            Storage = new StorageDecision { Reason = NotStoredReason.None, Lifetime = 3600 }, InitialAge = 0, ReceivedAt = 0,
        };
    }
}
