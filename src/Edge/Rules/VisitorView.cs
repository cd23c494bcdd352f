using System.Globalization;
using Microsoft.Extensions.Primitives;
using OrleansCdn.Edge.Cache;

namespace OrleansCdn.Edge.Rules;

/// <summary>How visitors see a stored response under one version of their site's rules: made once, then shared by all hits.</summary>
internal sealed class VisitorView
{
    private readonly long? _browserSeconds;
    private CacheControlText? _text;

    public VisitorView(SiteRules rules, ResponseHeader header, TimeSpan? browserTtl)
    {
        Rules = rules;
        _browserSeconds = (long?)browserTtl?.TotalSeconds;
        Header = browserTtl is null ? header : header.Without(static name =>
            name.Equals("Cache-Control", StringComparison.OrdinalIgnoreCase)
            || name.Equals("Expires", StringComparison.OrdinalIgnoreCase)
            || name.Equals("Pragma", StringComparison.OrdinalIgnoreCase));
    }

    public SiteRules Rules { get; }

    public ResponseHeader Header { get; }

    /// <summary>
    /// <c>Cache-Control</c> at an age; empty: it is among the fields. <c>Age</c> counts against <c>max-age</c> in the visitor's
    /// cache (RFC 9111 §4.2), so that it is added to what the site allows.
    /// </summary>
    public StringValues CacheControlAt(double age)
    {
        if (_browserSeconds is not { } seconds)
        {
            return StringValues.Empty;
        }

        long maxAge = seconds == 0 ? 0 : Math.Min((long)age + seconds, CacheDirectives.MaxSeconds);
        CacheControlText? text = _text;
        if (text is null || text.MaxAge != maxAge)
        {
            _text = text = new CacheControlText(maxAge, seconds == 0 ? "no-cache" : $"max-age={maxAge.ToString(CultureInfo.InvariantCulture)}");
        }

        return text.Value;
    }

    private sealed record CacheControlText(long MaxAge, StringValues Value);
}
