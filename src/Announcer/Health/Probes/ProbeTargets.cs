using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Node.Links;

namespace OrleansCdn.Announcer.Health.Probes;

/// <summary>What is probed: as the command line says, or as the edge says where it listens. Pure.</summary>
internal static class ProbeTargets
{
    /// <summary>Two address families, with and without TLS, and as many again.</summary>
    public const int Max = 8;

    /// <summary>Longest name of the DNS in its text form (RFC 1035 §2.3.4).</summary>
    private const int MaxNameLength = 253;

    private const string NameQuery = "?name=";

    /// <param name="text">URLs, with commas between them.</param>
    /// <param name="errors">Every mistake, in words.</param>
    public static ImmutableArray<ProbeTarget> Parse(string text, List<string> errors)
    {
        string[] urls = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (urls.Length is 0 or > Max)
        {
            errors.Add($"--probe: give 1 to {Max} URLs, with commas between them");
            return [];
        }

        List<ProbeTarget> targets = [];
        foreach (string url in urls)
        {
            if (TryParse(url, out ProbeTarget? target, out string? error))
            {
                targets.Add(target);
            }
            else
            {
                errors.Add($"--probe '{OneLine.Printable(url)}': {error}");
            }
        }

        return Named(targets);
    }

    /// <summary>The listeners of an edge, on this machine; empty: it has none for visitors, and what it can prove it has.</summary>
    public static ImmutableArray<ProbeTarget> Of(EdgeLocal edge)
    {
        List<ProbeTarget> targets = [];
        if (Reachable(edge.Addresses.Http) is { } http)
        {
            targets.Add(new ProbeTarget(Uri.UriSchemeHttp, new Uri($"http://{http}/"), http, null));
        }

        if (edge.TlsName is { } name && IsHost(name) && Reachable(edge.Addresses.Https) is { } https)
        {
            targets.Add(Tls(https, name));
        }

        return Named(targets);
    }

    private static bool TryParse(string text, [NotNullWhen(true)] out ProbeTarget? target, [NotNullWhen(false)] out string? error)
    {
        (target, error) = (null, null);
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? url) || url.Scheme is not ("http" or "https") || url.UserInfo.Length > 0 || url.Fragment.Length > 0)
        {
            error = "give a URL: http://192.0.2.1/ and https://192.0.2.1/?name=www.example.net for the edge, or one with a path for anything else";
        }
        else if (url.AbsolutePath != "/")
        {
            target = new ProbeTarget("url", url, null, null);
        }
        else if (!IPAddress.TryParse(url.Host == "localhost" ? "127.0.0.1" : url.DnsSafeHost, out IPAddress? address))
        {
            error = "give the address that visitors come to, not a name: names may lead to another PoP";
        }
        else if (url.Scheme == Uri.UriSchemeHttp && url.Query.Length == 0)
        {
            target = new ProbeTarget(Uri.UriSchemeHttp, url, new IPEndPoint(address, url.Port), null);
        }
        else if (url.Scheme == Uri.UriSchemeHttp)
        {
            error = "without TLS no name is asked for: leave the query out, or add the path of what is not the edge";
        }
        else if (url.Query.StartsWith(NameQuery, StringComparison.Ordinal) && IsHost(url.Query[NameQuery.Length..]))
        {
            target = Tls(new IPEndPoint(address, url.Port), url.Query[NameQuery.Length..]);
        }
        else
        {
            error = $"say which host of a site to ask for: https://{url.Authority}/{NameQuery}www.example.net";
        }

        return target is not null;
    }

    private static ProbeTarget Tls(IPEndPoint at, string name) => new("tls", new Uri($"https://{at}/{NameQuery}{name}"), at, name);

    /// <summary>The second of a kind is <c>http-2</c>: on servers that are set up alike the same check has the same name.</summary>
    private static ImmutableArray<ProbeTarget> Named(List<ProbeTarget> targets)
    {
        Dictionary<string, int> counts = new(StringComparer.Ordinal);
        return
        [
            .. targets.Select(target =>
            {
                int count = counts[target.Check] = counts.GetValueOrDefault(target.Check) + 1;
                return count == 1 ? target : target with { Check = $"{target.Check}-{count}" };
            }),
        ];
    }

    /// <summary>Of an address that means all of this machine's, the one that is always there.</summary>
    private static IPEndPoint? Reachable(string? endpoint) => !IPEndPoint.TryParse(endpoint ?? "", out IPEndPoint? at) || at.Port == 0 ? null
        : at.Address.Equals(IPAddress.Any) ? new IPEndPoint(IPAddress.Loopback, at.Port)
        : at.Address.Equals(IPAddress.IPv6Any) ? new IPEndPoint(IPAddress.IPv6Loopback, at.Port)
        : at;

    private static bool IsHost(string name) =>
        name.Length <= MaxNameLength && Uri.CheckHostName(name) == UriHostNameType.Dns;
}
