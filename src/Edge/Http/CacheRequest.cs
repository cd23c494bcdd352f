using Microsoft.AspNetCore.Http;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Edge.Cache;
using OrleansCdn.Edge.Rules;

namespace OrleansCdn.Edge.Http;

/// <summary>A request whose site and key are known.</summary>
public readonly record struct CacheRequest
{
    public required HttpContext Context { get; init; }

    public required ListenerRole Role { get; init; }

    public required EdgeSnapshot Snapshot { get; init; }

    public required SiteRules Rules { get; init; }

    public SiteConfig Site => Rules.Site;

    public required CacheKey Key { get; init; }

    public required RequestRule Rule { get; init; }

    /// <summary>Path and query as they came, where <see cref="Key"/> leaves out what the origin said does not count; null: the key has all of it.</summary>
    public string? PresentedTarget { get; init; }

    /// <summary>Another edge that wants what is here and nothing else.</summary>
    public bool IsHolderOnly { get; init; }

    /// <summary>See <see cref="FillJob.Holder"/>.</summary>
    public string? Holder { get; init; }

    /// <summary>For visitors; other edges get the error as it is.</summary>
    public ErrorPages? ErrorPages => Role == ListenerRole.Public ? Rules.ErrorPages : null;

    /// <summary>Under the key of exactly what was asked.</summary>
    public CacheRequest AsPresented() => PresentedTarget is { } target ? this with { Key = Key with { Target = target }, PresentedTarget = null } : this;

    /// <summary>Under a key without what does not count of the query, as far as that is known.</summary>
    public CacheRequest Simplified(SearchVariances searches, HitForMissTable hitForMiss, double now)
    {
        CacheKey simple = searches.Simplify(Key);
        return simple.Target == Key.Target || hitForMiss.Contains(simple, now) ? this : this with { Key = simple, PresentedTarget = Key.Target };
    }

    /// <summary>Whether the response itself says that it answers what was asked, and not only the simpler form of it.</summary>
    public bool Accepts(StoredResponse response) =>
        PresentedTarget is not { } target || SearchVariance.Of(response.Tags)?.AreEquivalent(target, response.Key.Target) == true;

    public IHeaderDictionary Headers => Context.Request.Headers;

    public RequestFacts Facts => new(
        IsGet: HttpMethods.IsGet(Context.Request.Method),
        HasAuthorization: Headers.Authorization.Count > 0,
        NoStore: Headers.CacheControl.Count > 0 && CacheDirectives.Parse(Headers.CacheControl).Has(CacheFlags.NoStore));
}
