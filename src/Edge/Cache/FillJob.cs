using Microsoft.AspNetCore.Http;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Edge.Http;
using OrleansCdn.Edge.Origin;
using OrleansCdn.Edge.Rules;

namespace OrleansCdn.Edge.Cache;

/// <summary>All that a fill needs once the request that began it may be gone.</summary>
public sealed record FillJob
{
    public required Fill Fill { get; init; }

    public required CachedResource Resource { get; init; }

    public required SiteRules Rules { get; init; }

    public SiteConfig Site => Rules.Site;

    /// <summary>By which the request was made.</summary>
    public required RequestRule Rule { get; init; }

    public required UpstreamRequest Request { get; init; }

    /// <summary>Fields of the visitor's request, for <c>Vary</c>.</summary>
    public required IHeaderDictionary Selecting { get; init; }

    public required RequestFacts Facts { get; init; }

    /// <summary>What is stored and has to be asked for again; null: nothing.</summary>
    public StoredResponse? Stale { get; init; }

    /// <summary><see cref="Stale"/>, when it has a validator for the origin to confirm; else null.</summary>
    public StoredResponse? Candidate => Stale is { HasValidator: true } ? Stale : null;

    /// <summary>The block to begin with, for a request that wants a part; null: all of it at once.</summary>
    public long? FirstBlock { get; init; }

    /// <summary>An edge that is known to have it, as <c>pop/edge</c>: it is asked before anybody else; null: none is.</summary>
    public string? Holder { get; init; }

    /// <summary>Another edge asked for it as its shield: it comes from the origin and from nowhere else.</summary>
    public required ListenerRole Role { get; init; }
}
