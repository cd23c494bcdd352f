using System.Text.Json.Serialization;

namespace OrleansCdn.Contracts.Control;

/// <summary>What gave a stored response its freshness lifetime (RFC 9111 §4.2.1).</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LifetimeSource>))]
public enum LifetimeSource
{
    /// <summary><c>Cache-Control: s-maxage</c>.</summary>
    SharedMaxAge,

    /// <summary><c>Cache-Control: max-age</c>.</summary>
    MaxAge,

    /// <summary>A field for CDNs or for this one alone (RFC 9213), which then counts instead of <c>Cache-Control</c>.</summary>
    Targeted,

    Expires,

    /// <summary><c>Cache-Control: no-cache</c>, or <c>Pragma: no-cache</c> of an old origin: stored, and confirmed before each use.</summary>
    NoCache,

    /// <summary>A tenth of the time since <c>Last-Modified</c> (§4.2.2).</summary>
    Heuristic,

    /// <summary>The response says nothing that lasts, but has a validator: confirmed before each use.</summary>
    ValidatorOnly,

    /// <summary>The site's <c>default-ttl</c>.</summary>
    SiteDefault,

    /// <summary><c>ttl</c> of a rule of the site.</summary>
    Rule,
}
