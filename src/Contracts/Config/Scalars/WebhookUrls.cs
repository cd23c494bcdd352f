using System.Buffers;

namespace OrleansCdn.Contracts.Config.Scalars;

/// <summary>Where a webhook is: a URL with its path and query.</summary>
internal static class WebhookUrls
{
    /// <summary>Those of chat systems have some 150.</summary>
    private const int MaxLength = 2048;

    private static readonly SearchValues<char> EndsAuthority = SearchValues.Create("/?");

    public static readonly ScalarType<string> Url = Tokens.Text("https://, a host, a port if need be, and a path, such as https://hooks.example.net/cdn", Check);

    /// <summary>What speaks against a URL that is right in itself, as far as its text tells; the silo looks again at what a name resolves to.</summary>
    public static (string Message, string Allowed)? Problem(Uri url, bool allowPrivate)
    {
        if (!allowPrivate && SpecialPurposeAddresses.IsHost(url))
        {
            return ("is on a loopback, private or other special-purpose address", "a public receiver, or allow-private: true beside it");
        }

        bool mayBePlain = allowPrivate && (url.HostNameType == UriHostNameType.Dns || SpecialPurposeAddresses.IsHost(url));
        return url.Scheme == Uri.UriSchemeHttps || mayBePlain
            ? null
            : ("is not https: what happens would cross the network in plain text", "https://, or a private address with allow-private: true beside it");
    }

    private static string? Check(string text)
    {
        if (text.Length > MaxLength || text.AsSpan().ContainsAnyExceptInRange('!', '~') || text.Contains('\\', StringComparison.Ordinal))
        {
            return "is not a URL";
        }

        if (text.Contains('#', StringComparison.Ordinal))
        {
            return "has a fragment, which is never sent";
        }

        int start = text.IndexOf("://", StringComparison.Ordinal) + 3;
        int length = start < 3 ? -1 : text.AsSpan(start).IndexOfAny(EndsAuthority);
        return OriginUrls.CheckServer(length < 0 ? text : text[..(start + length)], out _);
    }
}
