using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace OrleansCdn.Node.Links;

/// <summary>Where a silo or another edge is reached: plain HTTP is for this machine alone, everything else is TLS.</summary>
public static class LinkUrl
{
    /// <summary>Accepts <c>https://host[:port]</c>, and <c>http://</c> with a loopback address or <c>localhost</c>.</summary>
    /// <param name="problem">What is wrong and what is allowed, when the answer is false.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out Uri? url, [NotNullWhen(false)] out string? problem)
    {
        const string Allowed = "give https://HOST:PORT, or http://127.0.0.1:PORT on one machine";
        string shown = OneLine.Printable(text);
        problem = null;
        if (!Uri.TryCreate(text, UriKind.Absolute, out url) || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps) || url.Host.Length == 0)
        {
            problem = $"'{shown}' is not a URL of a server; {Allowed}";
        }
        else if (url.PathAndQuery != "/" || url.Fragment.Length > 0 || url.UserInfo.Length > 0)
        {
            problem = $"'{shown}' has more than scheme, host and port; {Allowed}";
        }
        else if (url.Scheme == Uri.UriSchemeHttp && !IsLoopback(url))
        {
            problem = $"'{shown}' is plain HTTP to another machine, which anyone on the way can read and change; {Allowed}";
        }

        if (problem is not null)
        {
            url = null;
        }

        return problem is null;
    }

    /// <summary>By the text alone: a name that resolves to loopback today may not tomorrow.</summary>
    private static bool IsLoopback(Uri url) =>
        url.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(url.IdnHost, out IPAddress? address) && IPAddress.IsLoopback(address));
}
