using System.Collections.Immutable;
using System.Net;
using OrleansCdn.Contracts.Hosting;
using OrleansCdn.Edge.Control;
using OrleansCdn.Edge.Tls;

namespace OrleansCdn.Edge.Hosting;

/// <summary>Either options, or a wish for help, or every mistake at once.</summary>
internal sealed record EdgeCommandLineResult(EdgeOptions? Options, bool HelpWanted, ImmutableArray<string> Errors);

/// <summary>Reads <c>--name value</c> options, with environment variables <c>CDN_EDGE_NAME</c> for those that are not given.</summary>
internal static class EdgeCommandLine
{
    public const string EnvironmentPrefix = "CDN_EDGE_";

    /// <summary>Silos of one cluster: at least one per PoP, three to twenty of those.</summary>
    public const int MaxSilos = 64;

    private const int MaxIdChars = 64;

    private static readonly ImmutableArray<(string Name, string? Value, string Text)> Known =
    [
        ("--pop", "POP", "this server's PoP, as in the config"),
        ("--edge", "NAME", "this server's name, as in the config"),
        ("--silo", "URL[,URL...]", "feed addresses of the silos, own PoP's first: https://HOST:PORT,\n                               or http://127.0.0.1:PORT on one machine"),
        ("--data", "DIR", "directory for the last good config and the purge cursor"),
        ("--http", "HOST:PORT", "listen for HTTP/1.1 (default: the config's address)"),
        ("--https", "HOST:PORT", "listen for HTTP/1.1 and HTTP/2 over TLS (default: the config's)"),
        ("--peer", "HOST:PORT", "listen for other edges, HTTP/2 (default: the config's)"),
        ("--admin", "HOST:PORT", "listen for /health, /status and /metrics (default: the config's)"),
        ("--peer-certificate", "FILE", "PEM certificate of this edge towards silos and other edges"),
        ("--peer-key", "FILE", "its PEM key"),
        ("--ca", "FILE", "PEM certificates of the CA that silos and edges are signed by"),
        ("--config", "FILE", "with --standalone: the config file"),
        ("--standalone", null, "one edge from a config file, without silo, peers and leases"),
        ("--listen", "HOST:PORT", "with --standalone: listen for HTTP here, and open no listener\n                               of the config that is not named here too"),
        (ParentWatch.Flag, null, "end when standard input ends"),
        ("--help", null, "this text"),
    ];

    public static string Help { get; } =
        "An edge of OrleansCdn: the caching reverse proxy of one server.\n\n"
        + "Usage: OrleansCdn.Edge --pop POP --edge NAME --silo URL[,URL...] --data DIR [options]\n"
        + "       OrleansCdn.Edge --standalone --config FILE --pop POP [options]\n\n"
        + string.Concat(Known.Select(o => $"  {(o.Value is null ? o.Name : $"{o.Name} {o.Value}"),-28} {o.Text}\n"))
        + $"\nEach option can be given as an environment variable instead: --pop as {EnvironmentPrefix}POP,\n"
        + $"--peer-key as {EnvironmentPrefix}PEER_KEY; switches as 'true'. HOST is an IP address or localhost, IPv6 in brackets.\n\n"
        + "Examples:\n"
        + "  OrleansCdn.Edge --pop waw --edge waw1 --silo https://silo.waw.example.net:8444 --data /var/lib/cdn-edge \\\n"
        + "      --peer-certificate /etc/cdn/waw1.pem --peer-key /etc/cdn/waw1.key --ca /etc/cdn/ca.pem\n"
        + "  OrleansCdn.Edge --standalone --config three-pops.yaml --pop waw --listen 127.0.0.1:8080\n";

    /// <param name="arguments">Without the program's name.</param>
    /// <param name="environment">Value of an environment variable, null when it is not set.</param>
    public static EdgeCommandLineResult Read(IReadOnlyList<string> arguments, Func<string, string?> environment)
    {
        List<string> errors = [];
        Dictionary<string, string> given = Collect(arguments, errors);
        if (given.ContainsKey("--help"))
        {
            return new EdgeCommandLineResult(null, HelpWanted: true, []);
        }

        foreach ((string name, string? value, _) in Known)
        {
            if (!given.ContainsKey(name) && environment(Variable(name)) is { Length: > 0 } text && (value is not null || IsTrue(name, text, errors)))
            {
                given[name] = text;
            }
        }

        Source source = new(given, errors);
        EdgeOptions options = given.ContainsKey("--standalone") ? Standalone(source) : WithSilos(source);
        return errors.Count == 0
            ? new EdgeCommandLineResult(options, HelpWanted: false, [])
            : new EdgeCommandLineResult(null, HelpWanted: false, [.. errors]);
    }

    private static EdgeOptions WithSilos(Source source)
    {
        source.Refuse("with silos the config comes from them; --standalone takes it from a file", "--config", "--listen");
        string? pop = source.Required("--pop", "POP");
        string? edge = source.Required("--edge", "NAME");
        LinkFiles? link = Link(source);
        ImmutableArray<Uri> silos = Silos(source, link);
        string? data = source.Required("--data", "DIR");
        ListenAddresses listen = Listen(source, source.Endpoint("--http"));
        if (listen.Peer is { } peer && !IPAddress.IsLoopback(peer.Address) && link is null)
        {
            source.Errors.Add($"--peer {peer}: other edges reach this address over the network, which needs --peer-certificate, --peer-key and --ca; or give a loopback address");
        }

        return new EdgeOptions
        {
            Pop = pop ?? "",
            Edge = edge,
            Silos = silos,
            DataDirectory = data,
            Listen = listen,
            Link = link,
            ExitWithStdin = source.Has(ParentWatch.Flag),
        };
    }

    private static EdgeOptions Standalone(Source source)
    {
        source.Refuse("a standalone edge has no silo and no other edges", "--silo", "--peer", "--peer-certificate", "--peer-key", "--ca");
        string? pop = source.Required("--pop", "POP");
        string? file = source.Required("--config", "FILE");
        if (source.Has("--listen") && source.Has("--http"))
        {
            source.Errors.Add("--listen and --http both name the address for HTTP: give one of them");
        }

        IPEndPoint? http = source.Endpoint("--listen") ?? source.Endpoint("--http");
        return new EdgeOptions
        {
            Pop = pop ?? "",
            Edge = source.Id("--edge"),
            Silos = [],
            ConfigFile = file,
            Listen = Listen(source, http) with { Peer = null },
            OnlyNamedListeners = source.Has("--listen"),
            ExitWithStdin = source.Has(ParentWatch.Flag),
        };
    }

    private static ListenAddresses Listen(Source source, IPEndPoint? http)
    {
        ListenAddresses listen = new()
        {
            Http = http,
            Https = source.Endpoint("--https"),
            Peer = source.Endpoint("--peer"),
            Admin = source.Endpoint("--admin"),
        };
        foreach (IGrouping<IPEndPoint, IPEndPoint> same in new[] { listen.Http, listen.Https, listen.Peer, listen.Admin }.OfType<IPEndPoint>().Where(e => e.Port != 0).GroupBy(e => e))
        {
            if (same.Count() > 1)
            {
                source.Errors.Add($"{same.Key} is given for {same.Count()} listeners: each needs an address of its own");
            }
        }

        return listen;
    }

    private static ImmutableArray<Uri> Silos(Source source, LinkFiles? link)
    {
        ImmutableArray<Uri>.Builder silos = ImmutableArray.CreateBuilder<Uri>();
        foreach (string text in (source.Required("--silo", "URL[,URL...]") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (!LinkUrl.TryParse(text, out Uri? url, out string? problem))
            {
                source.Errors.Add($"--silo: {problem}");
            }
            else if (url.Scheme == Uri.UriSchemeHttps && link is null && !source.HasAny("--peer-certificate", "--peer-key", "--ca"))
            {
                source.Errors.Add($"--silo {text}: a silo asks for this edge's certificate: give --peer-certificate, --peer-key and --ca");
            }
            else
            {
                silos.Add(url);
            }
        }

        if (silos.Count > MaxSilos)
        {
            source.Errors.Add($"--silo: {silos.Count} addresses, at most {MaxSilos} are allowed");
        }

        return silos.ToImmutable();
    }

    private static LinkFiles? Link(Source source)
    {
        string[] names = ["--peer-certificate", "--peer-key", "--ca"];
        string[] missing = [.. names.Where(n => !source.Has(n))];
        if (missing.Length == names.Length)
        {
            return null;
        }

        if (missing.Length > 0)
        {
            source.Errors.Add($"--peer-certificate, --peer-key and --ca belong together: {string.Join(" and ", missing)} missing");
            return null;
        }

        return new LinkFiles(source.Text(names[0])!, source.Text(names[1])!, source.Text(names[2])!);
    }

    private static Dictionary<string, string> Collect(IReadOnlyList<string> arguments, List<string> errors)
    {
        Dictionary<string, string> given = [];
        for (int i = 0; i < arguments.Count; i++)
        {
            string argument = arguments[i];
            int equals = argument.IndexOf('=', StringComparison.Ordinal);
            string name = argument == "-h" ? "--help" : equals > 0 ? argument[..equals] : argument;
            (string Name, string? Value, string Text) known = Known.FirstOrDefault(o => o.Name == name);
            if (known.Name is null)
            {
                errors.Add($"'{FeedSession.Printable(argument)}' is not an option; --help lists them");
            }
            else if (known.Value is null)
            {
                given[name] = "true";
            }
            else if (equals < 0 && (i + 1 == arguments.Count || arguments[i + 1].StartsWith("--", StringComparison.Ordinal)))
            {
                errors.Add($"{name} needs a value: {name} {known.Value}");
            }
            else if (!given.TryAdd(name, equals > 0 ? argument[(equals + 1)..] : arguments[++i]))
            {
                errors.Add($"{name} is given twice");
            }
        }

        return given;
    }

    private static bool IsTrue(string name, string text, List<string> errors)
    {
        if (!bool.TryParse(text, out bool value))
        {
            errors.Add($"{Variable(name)}: '{FeedSession.Printable(text)}' is neither true nor false");
        }

        return value;
    }

    private static string Variable(string option) => EnvironmentPrefix + option[2..].Replace('-', '_').ToUpperInvariant();

    /// <summary>The given texts, and where their mistakes go.</summary>
    private sealed class Source(Dictionary<string, string> given, List<string> errors)
    {
        public List<string> Errors => errors;

        public bool Has(string name) => given.ContainsKey(name);

        public bool HasAny(params ReadOnlySpan<string> names)
        {
            foreach (string name in names)
            {
                if (Has(name))
                {
                    return true;
                }
            }

            return false;
        }

        public string? Text(string name) => given.GetValueOrDefault(name);

        public void Refuse(string reason, params ReadOnlySpan<string> names)
        {
            foreach (string name in names)
            {
                if (Has(name))
                {
                    errors.Add($"{name} does not belong here: {reason}");
                }
            }
        }

        public string? Required(string name, string value)
        {
            if (string.IsNullOrWhiteSpace(Text(name)))
            {
                errors.Add($"{name} {value} is missing");
                return null;
            }

            return name is "--pop" or "--edge" ? Id(name) : Text(name);
        }

        public string? Id(string name)
        {
            string? text = Text(name);
            if (text is not null && (text.Length is 0 or > MaxIdChars || text.AsSpan().ContainsAnyExcept(IdChars)))
            {
                errors.Add($"{name} '{FeedSession.Printable(text)}': an id has 1 to {MaxIdChars} letters, digits, '-', '_' or '.'");
                return null;
            }

            return text;
        }

        public IPEndPoint? Endpoint(string name)
        {
            if (Text(name) is not { } text)
            {
                return null;
            }

            int colon = text.LastIndexOf(':');
            string host = colon > 0 ? text[..colon] : "";
            bool parsed = IPAddress.TryParse(host == "localhost" ? "127.0.0.1" : host, out IPAddress? address)
                & ushort.TryParse(text.AsSpan(colon + 1), System.Globalization.NumberStyles.None, null, out ushort port);
            bool bracketed = host.StartsWith('[') == (address?.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6);
            if (!parsed || !bracketed)
            {
                errors.Add($"{name} '{FeedSession.Printable(text)}': give an IP address (IPv6 in brackets) or localhost, and a port: 127.0.0.1:8080 or [::]:80; port 0 takes a free one");
                return null;
            }

            return new IPEndPoint(address!, port);
        }

        private static readonly System.Buffers.SearchValues<char> IdChars =
            System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");
    }
}
