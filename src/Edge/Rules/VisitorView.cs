using System.Globalization;
using Microsoft.Extensions.Primitives;
using OrleansCdn.Edge.Cache;

namespace OrleansCdn.Edge.Rules;

/// <summary>How visitors see a stored response under one version of their site's rules: made once, then shared by all hits.</summary>
internal sealed class VisitorView
{
    private readonly long? _browserSeconds;
    private readonly ResponseHeader? _gzip;
    private readonly ResponseHeader? _brotli;
    private CacheControlText? _text;

    public VisitorView(SiteRules rules, ResponseHeader header, TimeSpan? browserTtl, bool isCompressible)
    {
        Rules = rules;
        _browserSeconds = (long?)browserTtl?.TotalSeconds;
        IsCompressible = isCompressible;
        header = browserTtl is null ? header : header.Without(static name =>
            name.Equals("Cache-Control", StringComparison.OrdinalIgnoreCase)
            || name.Equals("Expires", StringComparison.OrdinalIgnoreCase)
            || name.Equals("Pragma", StringComparison.OrdinalIgnoreCase));
        Header = isCompressible ? CodedHeader.WithVary(header) : header;
        if (isCompressible)
        {
            _gzip = CodedHeader.Of(Header, "gzip");
            _brotli = CodedHeader.Of(Header, "br");
        }
    }

    /// <summary>This edge may answer with the body in another coding.</summary>
    public bool IsCompressible { get; }

    /// <summary>The fields that go with a body in this coding.</summary>
    public ResponseHeader HeaderOf(ContentCoding coding) => coding switch
    {
        ContentCoding.Gzip => _gzip ?? Header,
        ContentCoding.Brotli => _brotli ?? Header,
        _ => Header,
    };

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
