using Microsoft.Extensions.Primitives;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Edge.Cache;
using OrleansCdn.Edge.Rules;

namespace OrleansCdn.Edge.Origin;

/// <summary>What is sent on, free of the visitor's connection so that a fill can outlive it.</summary>
public sealed record UpstreamRequest
{
    public required SiteRules Rules { get; init; }

    public SiteConfig Site => Rules.Site;

    public required CacheKey Key { get; init; }

    public required string Method { get; init; }

    /// <summary>End-to-end fields with this CDN's own; <c>Host</c> is not among them.</summary>
    public required IReadOnlyList<KeyValuePair<string, StringValues>> Fields { get; init; }

    /// <summary>Null: no body. Only requests that pass through have one.</summary>
    public RequestBody? Body { get; init; }

    /// <summary>Where interim responses of an HTTP/1.1 origin go; null: they are dropped.</summary>
    public InterimResponses? Interim { get; init; }

    /// <summary>Half of the smallest limit that is usual for a header's size at origins, 8 KiB (Apache's <c>LimitRequestFieldSize</c>, Tomcat's <c>maxHttpHeaderSize</c>).</summary>
    private const int LargeCharacters = 4 * 1024;

    /// <summary>An origin may answer with an error because of the header's size alone.</summary>
    public bool IsLarge => Fields.Sum(f => f.Key.Length + f.Value.Sum(line => line?.Length ?? 0)) + Key.Target.Length > LargeCharacters;

    /// <summary>RFC 9110 §9.2.2: may be sent again after a failure. A body is read once and cannot.</summary>
    public bool IsRepeatable => Body is not { HasStarted: true } && Method is ("GET" or "HEAD" or "OPTIONS" or "PUT" or "DELETE");

    /// <summary>Whether the next one may be asked after this failure: the request may be repeated, or surely was not acted upon.</summary>
    public bool MayGoOn(UpstreamFailure failure)
    {
        bool neverSent = failure is UpstreamFailure.ConnectFailed or UpstreamFailure.ConnectTimeout
            or UpstreamFailure.NameNotResolved or UpstreamFailure.TlsFailed or UpstreamFailure.AddressNotAllowed;
        return IsRepeatable || (neverSent && Body is not { HasStarted: true });
    }

    /// <summary>With the site's changes, which are for the origin alone: other edges make their own when they ask it.</summary>
    public UpstreamRequest ForOrigin(string pop)
    {
        if (Rules.RequestHeaders is not { } rules)
        {
            return this;
        }

        string client = Fields.FirstOrDefault(field => field.Key.Equals("X-Forwarded-For", StringComparison.OrdinalIgnoreCase)).Value.ToString();
        return this with { Fields = rules.Apply(Fields, new HeaderVariables(pop, Key.Authority, client)) };
    }

    public UpstreamRequest With(string name, StringValues value) => this with { Fields = [.. Fields, new(name, value)] };
}
