using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using OrleansCdn.Contracts.Failover;
using OrleansCdn.Announcer.Health.Probes;
using OrleansCdn.Contracts.Hosting;
using OrleansCdn.Node.Hosting;
using OrleansCdn.Node.Links;
using OrleansCdn.Node.Tls;

namespace OrleansCdn.Announcer.Hosting;

/// <summary>Reads <c>--name value</c> options, with environment variables <c>CDN_ANNOUNCER_NAME</c> for those that are not given.</summary>
internal static class AnnouncerCommandLine
{
    public const string EnvironmentPrefix = "CDN_ANNOUNCER_";

    /// <summary>Where the edges of the example config have their admin listener; the announcer has no config of its own to look it up in.</summary>
    public static readonly Uri DefaultEdgeAdmin = new("http://127.0.0.1:9180");

    /// <summary>An hour.</summary>
    private const int MaxRise = 3600;

    private const string Standalone = "--standalone";

    private static readonly OptionTable Known = new(EnvironmentPrefix,
    [
        new("--pop", "POP", "this server's PoP, as in the config"),
        new("--edge", "NAME", "this server's name, as in the config"),
        new("--silo", "URL[,URL...]", "feed addresses of the silos, own PoP's first: https://HOST:PORT,\n                               or http://127.0.0.1:PORT on one machine"),
        new("--data", "DIR", "directory for the last desired state"),
        new("--admin", "HOST:PORT", "listen for /health, /status and /metrics (default: nowhere)"),
        new("--peer-certificate", "FILE", "PEM certificate of this server towards silos"),
        new("--peer-key", "FILE", "its PEM key"),
        new("--ca", "FILE", "PEM certificates of the CA that silos are signed by"),
        new("--listen", "HOST:PORT", "take BGP connections of the neighbours here, too (default: only\n                               connect to them); port 179 needs CAP_NET_BIND_SERVICE"),
        new("--router-id", "A.B.C.D", "BGP Identifier (default: an IPv4 address of this server,\n                               else a number made of its name)"),
        new("--source", "ADDR[,ADDR]", "address that sessions come from, one of each family\n                               (default: the system chooses)"),
        new("--next-hop-ipv4", "ADDR", "next hop of IPv4 prefixes (default: the session's own address, or\n                               one of the same interface)"),
        new("--next-hop-ipv6", "ADDR", "next hop of IPv6 prefixes (default: the same)"),
        new("--probe", "URL[,URL...]", "what has to answer before anything is announced: http://ADDRESS/ and\n                               https://ADDRESS/?name=HOST for the edge as visitors come to it, a URL\n                               with a path for anything else (default: where the edge listens)"),
        new("--probe-ca", "FILE", "PEM certificates of a CA that sites' certificates may be from, too"),
        new("--edge-admin", "URL", $"admin address of this server's edge (default: {DefaultEdgeAdmin.GetLeftPart(UriPartial.Authority)})"),
        new("--no-probe", null, "announce at once, without proof that anything answers"),
        new("--rise", "N", $"answers in a row that it takes after a start, one a second (default:\n                               the config's failover: {{ first-rise: … }}, else {FailoverPolicy.Default.FirstRise})"),
        new(Standalone, null, "without silo: what --desired says"),
        new("--desired", "FILE", "with --standalone: the desired state as JSON (docs/announcer.md);\n                               read again whenever it changes"),
        new(ParentWatch.Flag, null, "end when standard input ends"),
        new(OptionTable.Help, null, "this text"),
    ]);

    public static string Help { get; } =
        "An announcer of OrleansCdn: the BGP speaker of one server. While it runs, its routes are there; when it ends, they go.\n\n"
        + "Usage: OrleansCdn.Announcer --pop POP --edge NAME --silo URL[,URL...] --data DIR [options]\n"
        + "       OrleansCdn.Announcer --standalone --desired FILE [options]\n\n"
        + Known.Lines
        + $"\nEach option can be given as an environment variable instead: --pop as {EnvironmentPrefix}POP,\n"
        + $"--peer-key as {EnvironmentPrefix}PEER_KEY; switches as 'true'. HOST is an IP address or localhost, IPv6 in brackets.\n\n"
        + "Examples:\n"
        + "  OrleansCdn.Announcer --pop waw --edge waw1 --silo https://silo.waw.example.net:8444 --data /var/lib/cdn-announcer \\\n"
        + "      --peer-certificate /etc/cdn/waw1.pem --peer-key /etc/cdn/waw1.key --ca /etc/cdn/ca.pem\n"
        + "  OrleansCdn.Announcer --standalone --desired desired.json --probe http://192.0.2.1/,https://192.0.2.1/?name=www.example.net\n";

    /// <param name="arguments">Without the program's name.</param>
    /// <param name="environment">Value of an environment variable, null when it is not set.</param>
    public static CommandLineResult<AnnouncerOptions> Read(IReadOnlyList<string> arguments, Func<string, string?> environment)
    {
        GivenOptions given = Known.Read(arguments, environment);
        if (given.Has(OptionTable.Help))
        {
            return new CommandLineResult<AnnouncerOptions>(null, HelpWanted: true, []);
        }

        AnnouncerOptions options = given.Has(Standalone) ? WithFile(given) : WithSilos(given);
        return given.Errors.Count == 0
            ? new CommandLineResult<AnnouncerOptions>(options, HelpWanted: false, [])
            : new CommandLineResult<AnnouncerOptions>(null, HelpWanted: false, [.. given.Errors]);
    }

    private static AnnouncerOptions WithSilos(GivenOptions given)
    {
        given.Refuse("with silos the desired state comes from them; --standalone takes it from a file", "--desired");
        string pop = given.Required("--pop", "POP") ?? "";
        string edge = given.Required("--edge", "NAME") ?? "";
        LinkFiles? link = given.Link();
        ImmutableArray<Uri> silos = given.Silos(link);
        return Common(given, pop, edge, silos) with { DataDirectory = given.Required("--data", "DIR"), Link = link };
    }

    private static AnnouncerOptions WithFile(GivenOptions given)
    {
        given.Refuse("a standalone announcer has no silo", "--silo", "--data", "--peer-certificate", "--peer-key", "--ca");
        return Common(given, given.Id("--pop") ?? "standalone", given.Id("--edge") ?? Environment.MachineName, []) with { DesiredFile = given.Required("--desired", "FILE") };
    }

    private static AnnouncerOptions Common(GivenOptions given, string pop, string edge, ImmutableArray<Uri> silos)
    {
        if (given.Has("--probe") && given.Has("--no-probe"))
        {
            given.Errors.Add("--probe and --no-probe say the opposite: give one of them");
        }

        if (given.Has("--no-probe"))
        {
            given.Refuse("without a probe there are no answers to count", "--rise");
            given.Refuse("without a probe no certificate is looked at", "--probe-ca");
        }

        ImmutableArray<IPAddress> sources = Addresses(given);
        IPAddress? nextHopIpv4 = Address(given, "--next-hop-ipv4", AddressFamily.InterNetwork);
        IPAddress? nextHopIpv6 = Address(given, "--next-hop-ipv6", AddressFamily.InterNetworkV6);
        return new AnnouncerOptions
        {
            Pop = pop,
            Edge = edge,
            Silos = silos,
            Admin = given.Endpoint("--admin"),
            Listen = given.Endpoint("--listen"),
            Addresses = new LocalAddresses
            {
                RouterId = RouterId(given) ?? RouterIds.Of(pop, edge, sources, RouterIds.OfThisHost()),
                Sources = sources,
                NextHopIpv4 = nextHopIpv4,
                NextHopIpv6 = nextHopIpv6,
            },
            NeedsProof = !given.Has("--no-probe"),
            Probes = given.Text("--probe") is { } probes ? ProbeTargets.Parse(probes, given.Errors) : [],
            ProbeAuthorities = given.Text("--probe-ca"),
            EdgeAdmin = EdgeAdmin(given),
            Rise = Rise(given),
            ExitWithStdin = given.Has(ParentWatch.Flag),
        };
    }

    /// <summary>Of a server without proof there may be no edge to ask.</summary>
    private static Uri? EdgeAdmin(GivenOptions given)
    {
        if (given.Text("--edge-admin") is not { } text)
        {
            return given.Has("--no-probe") ? null : DefaultEdgeAdmin;
        }

        if (Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && url.Scheme == Uri.UriSchemeHttp && url.UserInfo.Length == 0 && url.PathAndQuery == "/")
        {
            return url;
        }

        given.Errors.Add($"--edge-admin '{OneLine.Printable(text)}': give the admin address of the edge, as {DefaultEdgeAdmin.GetLeftPart(UriPartial.Authority)}");
        return null;
    }

    private static int? Rise(GivenOptions given)
    {
        if (given.Text("--rise") is not { } text)
        {
            return null;
        }

        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int rise) || rise is < 1 or > MaxRise)
        {
            given.Errors.Add($"--rise '{OneLine.Printable(text)}': give a number, 1 to {MaxRise}");
        }

        return rise;
    }

    private static uint? RouterId(GivenOptions given)
    {
        IPAddress? id = Address(given, "--router-id", AddressFamily.InterNetwork);
        if (id is not null && RouterIds.Of(id) == 0)
        {
            given.Errors.Add("--router-id 0.0.0.0: a BGP Identifier is not 0 (RFC 6286)");
        }

        return id is null ? null : RouterIds.Of(id);
    }

    private static ImmutableArray<IPAddress> Addresses(GivenOptions given)
    {
        var addresses = ImmutableArray.CreateBuilder<IPAddress>();
        foreach (string text in (given.Text("--source") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (!IPAddress.TryParse(text, out IPAddress? address) || address.IsIPv4MappedToIPv6)
            {
                given.Errors.Add($"--source '{OneLine.Printable(text)}' is not an IP address");
            }
            else if (addresses.Any(a => a.AddressFamily == address.AddressFamily))
            {
                given.Errors.Add($"--source {address}: there is one of its family already");
            }
            else
            {
                addresses.Add(address);
            }
        }

        return addresses.ToImmutable();
    }

    private static IPAddress? Address(GivenOptions given, string name, AddressFamily family)
    {
        if (given.Text(name) is not { } text)
        {
            return null;
        }

        // The long form alone: IPAddress reads '1' as 0.0.0.1.
        if (IPAddress.TryParse(text, out IPAddress? address) && address.AddressFamily == family && !address.IsIPv4MappedToIPv6
            && (family == AddressFamily.InterNetworkV6 || text.Count(c => c == '.') == 3))
        {
            return address;
        }

        given.Errors.Add($"{name} '{OneLine.Printable(text)}' is not an {(family == AddressFamily.InterNetwork ? "IPv4" : "IPv6")} address");
        return null;
    }
}
