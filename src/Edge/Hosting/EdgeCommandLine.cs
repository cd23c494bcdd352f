using System.Collections.Immutable;
using System.Net;
using OrleansCdn.Contracts.Hosting;
using OrleansCdn.Node.Hosting;

namespace OrleansCdn.Edge.Hosting;

/// <summary>Reads <c>--name value</c> options, with environment variables <c>CDN_EDGE_NAME</c> for those that are not given.</summary>
internal static class EdgeCommandLine
{
    public const string EnvironmentPrefix = "CDN_EDGE_";

    private static readonly OptionTable Known = new(EnvironmentPrefix,
    [
        new("--pop", "POP", "this server's PoP, as in the config"),
        new("--edge", "NAME", "this server's name, as in the config"),
        new("--silo", "URL[,URL...]", "feed addresses of the silos, own PoP's first: https://HOST:PORT,\n                               or http://127.0.0.1:PORT on one machine"),
        new("--data", "DIR", "directory for the last good config and the purge cursor"),
        new("--http", "HOST:PORT", "listen for HTTP/1.1 (default: the config's address)"),
        new("--https", "HOST:PORT", "listen for HTTP/1.1 and HTTP/2 over TLS (default: the config's)"),
        new("--peer", "HOST:PORT", "listen for other edges, HTTP/2 (default: the config's)"),
        new("--admin", "HOST:PORT", "listen for /health, /status and /metrics (default: the config's)"),
        new("--dns", "HOST:PORT", "listen for DNS, over UDP and TCP (default: the config's)"),
        new("--peer-certificate", "FILE", "PEM certificate of this edge towards silos and other edges"),
        new("--peer-key", "FILE", "its PEM key"),
        new("--ca", "FILE", "PEM certificates of the CA that silos and edges are signed by"),
        new("--config", "FILE", "with --standalone: the config file"),
        new("--standalone", null, "one edge from a config file, without silo, peers and leases"),
        new("--listen", "HOST:PORT", "with --standalone: listen for HTTP here, and open no listener\n                               of the config that is not named here too"),
        new(ParentWatch.Flag, null, "end when standard input ends"),
        new("--help", null, "this text"),
    ]);

    public static string Help { get; } =
        "An edge of OrleansCdn: the caching reverse proxy of one server.\n\n"
        + "Usage: OrleansCdn.Edge --pop POP --edge NAME --silo URL[,URL...] --data DIR [options]\n"
        + "       OrleansCdn.Edge --standalone --config FILE --pop POP [options]\n\n"
        + Known.Lines
        + $"\nEach option can be given as an environment variable instead: --pop as {EnvironmentPrefix}POP,\n"
        + $"--peer-key as {EnvironmentPrefix}PEER_KEY; switches as 'true'. HOST is an IP address or localhost, IPv6 in brackets.\n\n"
        + "Examples:\n"
        + "  OrleansCdn.Edge --pop waw --edge waw1 --silo https://silo.waw.example.net:8444 --data /var/lib/cdn-edge \\\n"
        + "      --peer-certificate /etc/cdn/waw1.pem --peer-key /etc/cdn/waw1.key --ca /etc/cdn/ca.pem\n"
        + "  OrleansCdn.Edge --standalone --config three-pops.yaml --pop waw --listen 127.0.0.1:8080\n";

    /// <param name="arguments">Without the program's name.</param>
    /// <param name="environment">Value of an environment variable, null when it is not set.</param>
    public static CommandLineResult<EdgeOptions> Read(IReadOnlyList<string> arguments, Func<string, string?> environment)
    {
        GivenOptions given = Known.Read(arguments, environment);
        if (given.Has(OptionTable.Help))
        {
            return new CommandLineResult<EdgeOptions>(null, HelpWanted: true, []);
        }

        EdgeOptions options = given.Has("--standalone") ? Standalone(given) : WithSilos(given);
        return given.Errors.Count == 0
            ? new CommandLineResult<EdgeOptions>(options, HelpWanted: false, [])
            : new CommandLineResult<EdgeOptions>(null, HelpWanted: false, [.. given.Errors]);
    }

    private static EdgeOptions WithSilos(GivenOptions source)
    {
        source.Refuse("with silos the config comes from them; --standalone takes it from a file", "--config", "--listen");
        string? pop = source.Required("--pop", "POP");
        string? edge = source.Required("--edge", "NAME");
        LinkFiles? link = source.Link();
        ImmutableArray<Uri> silos = source.Silos(link);
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

    private static EdgeOptions Standalone(GivenOptions source)
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

    private static ListenAddresses Listen(GivenOptions source, IPEndPoint? http)
    {
        ListenAddresses listen = new()
        {
            Http = http,
            Https = source.Endpoint("--https"),
            Peer = source.Endpoint("--peer"),
            Admin = source.Endpoint("--admin"),
            Dns = source.Endpoint("--dns"),
        };
        foreach (IGrouping<IPEndPoint, IPEndPoint> same in new[] { listen.Http, listen.Https, listen.Peer, listen.Admin, listen.Dns }.OfType<IPEndPoint>().Where(e => e.Port != 0).GroupBy(e => e))
        {
            if (same.Count() > 1)
            {
                source.Errors.Add($"{same.Key} is given for {same.Count()} listeners: each needs an address of its own");
            }
        }

        return listen;
    }
}
