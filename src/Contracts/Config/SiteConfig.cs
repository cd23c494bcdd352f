using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace OrleansCdn.Contracts.Config;

/// <summary>A tenant of the cache: its hosts, where its content comes from, and how it is cached.</summary>
public sealed record SiteConfig
{
    public required string Id { get; init; }

    /// <summary>Lower case, no port; <c>*.example.org</c> covers every name below, not the apex. An exact host wins.</summary>
    public required ImmutableArray<string> Hosts { get; init; }

    /// <summary>At least one; without priorities in order of preference.</summary>
    public required ImmutableArray<OriginConfig> Origins { get; init; }

    public required CacheConfig Cache { get; init; }

    /// <summary>PoP that alone speaks to the origin while it can be reached; null: every PoP does.</summary>
    public string? Shield { get; init; }

    public required CoalescingScope Coalescing { get; init; }

    /// <summary>Null: plain HTTP only.</summary>
    public TlsConfig? Tls { get; init; }

    /// <summary>Defaults where a snapshot of an older version has none.</summary>
    public FailoverConfig Failover { get => field ?? FailoverConfig.Default; init; }

    /// <summary>Defaults where a snapshot of an older version has none.</summary>
    public CutOffConfig WhenCutOff { get => field ?? CutOffConfig.Default; init; }

    /// <summary>Null: visitors are limited by the edge's own bounds alone.</summary>
    public LimitsConfig? Limits { get; init; }

    /// <summary>Plain HTTP is answered with a redirect to the same URL with https.</summary>
    public bool HttpsRedirect { get; init; }

    /// <summary>Tried in order; the first match decides.</summary>
    public ImmutableArray<RedirectConfig> Redirects { get => field.IsDefault ? [] : field; init; }

    /// <summary>Changes of what goes to the origin, in order.</summary>
    public ImmutableArray<HeaderRuleConfig> RequestHeaders { get => field.IsDefault ? [] : field; init; }

    /// <summary>Changes of what visitors get, in order.</summary>
    public ImmutableArray<HeaderRuleConfig> ResponseHeaders { get => field.IsDefault ? [] : field; init; }

    /// <summary>Null: nothing is compressed here.</summary>
    public CompressionConfig? Compression { get; init; }

    /// <summary>The first with the status counts.</summary>
    public ImmutableArray<ErrorPageConfig> ErrorPages { get => field.IsDefault ? [] : field; init; }

    /// <summary>Secret of requests that are told why they are answered as they are; null: none is.</summary>
    public string? DebugKey { get; init; }
}

/// <summary>Among whom a fill is shared: one origin request per PoP, or one in the whole cluster.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CoalescingScope>))]
public enum CoalescingScope
{
    Pop,
    Cluster,
}

public sealed record OriginConfig
{
    /// <summary><c>http</c> or <c>https</c>, host, optional port; no path, query, fragment or user.</summary>
    public required Uri Url { get; init; }

    /// <summary>What the origin gets as <c>Host</c> (and TLS server name); null: the visitor's host.</summary>
    public string? HostHeader { get; init; }

    public required OriginProtocol Protocol { get; init; }

    /// <summary>Allows origins on loopback, private, link-local and other special-purpose addresses (RFC 6890).</summary>
    public required bool AllowPrivate { get; init; }

    /// <summary>Name resolution, TCP and TLS handshake together.</summary>
    public required TimeSpan ConnectTimeout { get; init; }

    /// <summary>From the request's end to the response's header.</summary>
    public required TimeSpan FirstByteTimeout { get; init; }

    /// <summary>Longest silence within a body.</summary>
    public required TimeSpan BetweenBytesTimeout { get; init; }

    /// <summary>Connections of one edge to this origin (HTTP/1.1).</summary>
    public required int MaxConnections { get; init; }

    /// <summary>Lower ones are asked first; null: the place in the list, from 1.</summary>
    public int? Priority { get; init; }

    /// <summary>Share of the requests among origins of the same priority; 1 where a snapshot of an older version has none.</summary>
    public int Weight { get => field == 0 ? ConfigDefaults.Weight : field; init; }

    /// <summary>Null: only what happens to requests tells whether it works.</summary>
    public HealthCheckConfig? Health { get; init; }
}

/// <summary><c>Auto</c> is ALPN over TLS and HTTP/1.1 in the clear; <c>Http2</c> in the clear is prior knowledge (h2c).</summary>
[JsonConverter(typeof(JsonStringEnumConverter<OriginProtocol>))]
public enum OriginProtocol
{
    Auto,
    Http1,
    Http2,
}

public sealed record CacheConfig
{
    /// <summary>Lifetime of storable responses that name none themselves; zero: they are not stored.</summary>
    public required TimeSpan DefaultTtl { get; init; }

    /// <summary>
    /// How long past its lifetime an object may stand in for an origin that fails, unless the origin itself says
    /// <c>stale-if-error</c> or forbids it (<c>must-revalidate</c> and its kin).
    /// </summary>
    public required TimeSpan Grace { get; init; }

    /// <summary>
    /// How long past its lifetime an object is served at once while one request refreshes it, unless the origin itself says
    /// <c>stale-while-revalidate</c> or forbids it.
    /// </summary>
    public TimeSpan HealthyGrace { get; init; }

    /// <summary>Larger objects pass through without being stored.</summary>
    public required long MaxObjectBytes { get; init; }

    /// <summary>What becomes of responses that set a cookie.</summary>
    public SetCookieHandling SetCookie { get; init; }

    /// <summary>Whether <c>No-Vary-Search</c> of responses decides which queries ask for the same.</summary>
    public bool NoVarySearch { get; init; }

    /// <summary>Tried in order; the first match decides.</summary>
    public required ImmutableArray<CacheRuleConfig> Rules { get; init; }


    /// <summary>Null: the query as it came, no cookie and no field but those of <c>Vary</c>; all cookies go to the origin.</summary>
    public CacheKeyConfig? Key { get; init; }
}

/// <summary>What becomes of responses with <c>Set-Cookie</c>, a field that is mostly meant for one visitor.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SetCookieHandling>))]
public enum SetCookieHandling
{
    /// <summary>They go to the one visitor and are not stored.</summary>
    Refuse,

    /// <summary>They are stored without the field, and nobody gets it.</summary>
    Strip,

    /// <summary>They are stored with it: every visitor gets the same cookie.</summary>
    Store,
}

/// <summary>PEM files on the edge's own disk.</summary>
public sealed record TlsConfig
{
    public required string CertificateFile { get; init; }

    public required string KeyFile { get; init; }
}
