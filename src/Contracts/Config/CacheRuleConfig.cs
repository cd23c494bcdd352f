using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace OrleansCdn.Contracts.Config;

/// <summary>
/// An exception from how a site is cached. <see cref="Path"/> and <see cref="Extensions"/> look at the request;
/// <see cref="ContentTypes"/> and <see cref="Statuses"/> look at the response, and a rule that has one of them decides
/// nothing before the response is here.
/// </summary>
public sealed record CacheRuleConfig
{
    /// <summary>Path pattern: exact, or with one trailing <c>*</c>; null matches every path.</summary>
    public string? Path { get; init; }

    /// <summary>Lower case, without dot; empty matches every path.</summary>
    public required ImmutableArray<string> Extensions { get; init; }

    /// <summary>Lower case: <c>text/css</c> or <c>image/*</c>; empty matches every response.</summary>
    public ImmutableArray<string> ContentTypes { get => field.IsDefault ? [] : field; init; }

    /// <summary><c>404</c> or <c>4xx</c>; empty matches every response.</summary>
    public ImmutableArray<string> Statuses { get => field.IsDefault ? [] : field; init; }

    /// <summary>Never look up, never store; with <see cref="LooksAtResponse"/> only the latter.</summary>
    public required bool Bypass { get; init; }

    /// <summary>Requests with a cookie of one of these names are not looked up and their answers not stored.</summary>
    public ImmutableArray<string> BypassCookies { get => field.IsDefault ? [] : field; init; }

    /// <summary>Requests with one of these fields are not looked up and their answers not stored.</summary>
    public ImmutableArray<string> BypassHeaders { get => field.IsDefault ? [] : field; init; }

    /// <summary>
    /// Replaces the lifetime that the origin gave, for responses that may be stored at all; without <see cref="Statuses"/>
    /// only where the status is one that caches may guess a lifetime for and no error. Null: the origin decides.
    /// </summary>
    public TimeSpan? Ttl { get; init; }

    /// <summary>Raises a shorter lifetime, for the same responses as <see cref="Ttl"/>.</summary>
    public TimeSpan? MinTtl { get; init; }

    /// <summary>Lowers a longer lifetime.</summary>
    public TimeSpan? MaxTtl { get; init; }

    /// <summary>What visitors' own caches are told of a stored response, from when they get it; null: what the origin said.</summary>
    public TimeSpan? BrowserTtl { get; init; }

    /// <summary>With <see cref="Ttl"/>: the origin's <c>Cache-Control</c>, <c>no-store</c> and <c>private</c> too, does not count.</summary>
    public bool OverrideOrigin { get; init; }

    /// <summary>Replaces the site's; null: the site's holds.</summary>
    public SetCookieHandling? SetCookie { get; init; }

    /// <summary>Replaces the site's; null: the site's holds.</summary>
    public CacheKeyConfig? Key { get; init; }

    /// <summary>Whether the response must be here before it is known that the rule applies.</summary>
    [JsonIgnore]
    public bool LooksAtResponse => !ContentTypes.IsEmpty || !Statuses.IsEmpty;
}

/// <summary>
/// What makes two requests for cacheable content the same. The origin is asked with just that, so that nothing it does
/// not see counts, and nothing that it sees is left out.
/// </summary>
public sealed record CacheKeyConfig
{
    public required QueryHandling Query { get; init; }

    /// <summary>Parameter names for <see cref="QueryHandling.Drop"/> and <see cref="QueryHandling.Only"/>, exact or with one trailing <c>*</c>.</summary>
    public ImmutableArray<string> QueryNames { get => field.IsDefault ? [] : field; init; }

    /// <summary>Orders the parameters by name; those of one name keep their order.</summary>
    public bool SortQuery { get; init; }

    /// <summary>Cookies whose values are part of the key.</summary>
    public ImmutableArray<string> Cookies { get => field.IsDefault ? [] : field; init; }

    /// <summary>Request fields, in lower case, whose values are part of the key.</summary>
    public ImmutableArray<string> Headers { get => field.IsDefault ? [] : field; init; }

    /// <summary>False: of the visitors' cookies the origin gets only those in <see cref="Cookies"/>.</summary>
    public required bool ForwardCookies { get; init; }
}

/// <summary>What becomes of a query's parameters.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<QueryHandling>))]
public enum QueryHandling
{
    Keep,

    /// <summary>There is no query.</summary>
    Ignore,

    /// <summary>All but the named ones stay.</summary>
    Drop,

    /// <summary>Only the named ones stay.</summary>
    Only,
}
