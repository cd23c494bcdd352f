using System.Buffers;
using System.Text;

namespace OrleansCdn.Contracts.Config.Scalars;

/// <summary>Where an origin is: scheme, host, port, and nothing else, because the path is the visitor's.</summary>
internal static class OriginUrls
{
    /// <summary>A host name of 253 characters with scheme and port, with room.</summary>
    private const int MaxLength = 512;

    /// <summary>What <see cref="Uri"/> would repair or take for something else: white space, backslashes, zones of IPv6 addresses.</summary>
    private static readonly SearchValues<char> NotInOrigins = SearchValues.Create(" \t\r\n\\%");

    public static readonly ScalarType<Uri> Url = new(
        "http:// or https://, a host, and a port if need be, such as https://origin.example.net",
        Parse,
        Format);

    public static string Format(Uri value) => value.GetLeftPart(UriPartial.Authority);

    /// <summary>Scheme, host and port of any URL; what may follow them is the caller's affair.</summary>
    public static string? CheckServer(string text, out Uri url)
    {
        url = null!;
        if (text.Length > MaxLength || !Ascii.IsValid(text) || text.AsSpan().ContainsAny(NotInOrigins) || !Uri.TryCreate(text, UriKind.Absolute, out Uri? parsed))
        {
            return "is not a URL";
        }

        url = parsed;
        if (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps)
        {
            return "is neither http nor https";
        }

        if (url.UserInfo.Length > 0 || text.Contains('@', StringComparison.Ordinal))
        {
            return "has a user name or password";
        }

        if (url.Port == 0)
        {
            return "has no valid port";
        }

        return url.HostNameType switch
        {
            UriHostNameType.Dns => HostNames.Domain.Parse(url.Host, out _),
            UriHostNameType.IPv4 or UriHostNameType.IPv6 => null,
            _ => "has no valid host",
        };
    }

    private static string? Parse(string text, out Uri value)
    {
        value = null!;
        if (CheckServer(text, out Uri url) is string problem)
        {
            return problem;
        }

        if (url.AbsolutePath != "/" || url.Query.Length > 0 || url.Fragment.Length > 0 || text.AsSpan().ContainsAny('?', '#'))
        {
            return "has a path, query or fragment, which would not be used: visitors' paths go to the origin as they are";
        }

        value = new Uri(Format(url));
        return null;
    }
}
