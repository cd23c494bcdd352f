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

    /// <summary>Another edge that wants what is here and nothing else.</summary>
    public bool IsHolderOnly { get; init; }

    /// <summary>For visitors; other edges get the error as it is.</summary>
    public ErrorPages? ErrorPages => Role == ListenerRole.Public ? Rules.ErrorPages : null;

    public IHeaderDictionary Headers => Context.Request.Headers;

    public RequestFacts Facts => new(
        IsGet: HttpMethods.IsGet(Context.Request.Method),
        HasAuthorization: Headers.Authorization.Count > 0,
        NoStore: Headers.CacheControl.Count > 0 && CacheDirectives.Parse(Headers.CacheControl).Has(CacheFlags.NoStore));
}
