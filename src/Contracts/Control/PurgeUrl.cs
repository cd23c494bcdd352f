using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace OrleansCdn.Contracts.Control;

/// <summary>
/// The form in which a URL stands in the purge log and in which an edge looks it up:
/// <c>scheme://host[:port]/path[?query]</c>. Scheme and host are lower case, a default port is left out, and the bytes of
/// path and query are exactly those of the request line (RFC 9112 §3.2): nothing is decoded, sorted or resolved.
/// </summary>
public readonly record struct PurgeUrl
{
    private const int HttpPort = 80;
    private const int HttpsPort = 443;

    /// <summary>Never in a registered name (RFC 3986 §3.2.2), however percent-encoding is used.</summary>
    private static readonly SearchValues<char> NotInHost = SearchValues.Create("[]:\\\"<>^`{|}");

    /// <summary><c>http</c> or <c>https</c>.</summary>
    public required string Scheme { get; init; }

    /// <summary>Lower case, no port; IPv6 in brackets.</summary>
    public required string Host { get; init; }

    /// <summary>Null: the scheme's default.</summary>
    public int? Port { get; init; }

    /// <summary>Path and query; starts with a slash.</summary>
    public required string Target { get; init; }

    /// <summary>The same resource under the other scheme. A default port becomes the other default; any other port stays.</summary>
    public PurgeUrl OtherScheme()
    {
        string scheme = Scheme == "http" ? "https" : "http";
        return this with { Scheme = scheme, Port = Port == DefaultPort(scheme) ? null : Port };
    }

    /// <summary>The same without the scheme, as <see cref="PurgeKind.Prefix"/> has it.</summary>
    public string AuthorityAndTarget =>
        Port is { } port ? string.Create(CultureInfo.InvariantCulture, $"{Host}:{port}{Target}") : Host + Target;

    public override string ToString() => $"{Scheme}://{AuthorityAndTarget}";

    /// <summary>The form of a request that was already parsed, for the edge.</summary>
    /// <param name="scheme"><c>http</c> or <c>https</c>, any case.</param>
    /// <param name="authority"><c>host[:port]</c> as in <c>Host</c> or <c>:authority</c>, any case; valid.</param>
    /// <param name="target">Path and query in origin form, raw.</param>
    public static string Of(string scheme, string authority, string target)
    {
        scheme = scheme.ToLowerInvariant();
        return TrySplitAuthority(authority, scheme, out string host, out int? port)
            ? new PurgeUrl { Scheme = scheme, Host = host, Port = port, Target = target }.ToString()
            : $"{scheme}://{authority.ToLowerInvariant()}{target}";
    }

    /// <summary>Reads an absolute URL as an operator writes it.</summary>
    /// <param name="text">Absolute, ASCII, no user information, no fragment.</param>
    /// <param name="url">The canonical form.</param>
    /// <param name="error">What is wrong and what is allowed; null on success.</param>
    public static bool TryParse(string text, out PurgeUrl url, [NotNullWhen(false)] out string? error)
    {
        url = default;
        int mark = text.IndexOf("://", StringComparison.Ordinal);
        string scheme = mark > 0 ? text[..mark].ToLowerInvariant() : "";
        if (scheme is not ("http" or "https"))
        {
            error = "a URL starts with http:// or https://";
            return false;
        }

        foreach (char c in text)
        {
            if (c is <= ' ' or >= '\x7f')
            {
                error = string.Create(CultureInfo.InvariantCulture, $"it holds the character U+{(int)c:X4}; percent-encode it as in the request line");
                return false;
            }
        }

        if (text.Contains('#', StringComparison.Ordinal))
        {
            error = "it has a fragment ('#…'), which never reaches a cache: leave it out";
            return false;
        }

        int start = mark + 3;
        int end = text.AsSpan(start).IndexOfAny('/', '?');
        string authority = end < 0 ? text[start..] : text[start..(start + end)];
        string target = end < 0 ? "/" : text[(start + end)..];
        if (authority.Contains('@', StringComparison.Ordinal))
        {
            error = "it has user information ('user@'), which is not part of a cached URL: leave it out";
            return false;
        }

        if (!TrySplitAuthority(authority, scheme, out string host, out int? port))
        {
            error = $"'{authority}' is not a host name or address with an optional port";
            return false;
        }

        error = null;
        url = new PurgeUrl { Scheme = scheme, Host = host, Port = port, Target = target[0] == '/' ? target : "/" + target };
        return true;
    }

    private static int DefaultPort(string scheme) => scheme == "https" ? HttpsPort : HttpPort;

    private static bool TrySplitAuthority(string authority, string scheme, out string host, out int? port)
    {
        (host, port) = ("", null);
        int colon = authority.StartsWith('[')
            ? authority.IndexOf("]:", StringComparison.Ordinal) is >= 0 and int bracket ? bracket + 1 : -1
            : authority.IndexOf(':', StringComparison.Ordinal);
        host = (colon < 0 ? authority : authority[..colon]).ToLowerInvariant();
        bool bracketed = host.Length > 2 && host[0] == '[' && host[^1] == ']';
        if (host.Length == 0 || (!bracketed && host.AsSpan().ContainsAny(NotInHost)))
        {
            return false;
        }

        if (colon < 0 || colon == authority.Length - 1)
        {
            return true;
        }

        if (!int.TryParse(authority.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number is < 1 or > 65535)
        {
            return false;
        }

        port = number == DefaultPort(scheme) ? null : number;
        return true;
    }
}
