using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Interop.Tests.Network;

namespace OrleansCdn.Interop.Tests.Peers;

/// <summary>BIRD 2, asked on its control socket as <c>birdc</c> does.</summary>
internal sealed partial class BirdPeer(Lab lab, PeerSettings settings) : Peer(lab, settings)
{
    private const string Protocol = "announcer";

    private string ControlSocket => PathOf("bird.ctl");

    public override async Task<ImmutableArray<SeenRoute>> RoutesAsync() =>
        BirdTable.Read(await AskAsync($"show route all protocol {Protocol}"));

    public override async Task<SeenSession> SessionAsync()
    {
        string text = await AskAsync($"show protocols all {Protocol}");
        SeenCapabilities offered = SeenCapabilities.None;
        if (text.IndexOf("Neighbor capabilities", StringComparison.Ordinal) is >= 0 and var at)
        {
            string section = text[at..text.IndexOf("Session:", at, StringComparison.Ordinal)];
            offered |= section.Contains("Route refresh", StringComparison.Ordinal) ? SeenCapabilities.RouteRefresh : 0;
            offered |= section.Contains("4-octet AS numbers", StringComparison.Ordinal) ? SeenCapabilities.FourOctetAs : 0;
            string families = Families().Match(section).Groups[1].Value;
            offered |= families.Contains("ipv4", StringComparison.Ordinal) ? SeenCapabilities.Ipv4 : 0;
            offered |= families.Contains("ipv6", StringComparison.Ordinal) ? SeenCapabilities.Ipv6 : 0;
        }

        return new SeenSession(text.Contains("BGP state:          Established", StringComparison.Ordinal), offered);
    }

    public override Task RefreshAsync() => AskAsync($"reload in {Protocol}");

    protected override Task<Daemon> LaunchAsync()
    {
        File.WriteAllText(PathOf("bird.conf"), Configuration());
        return Task.FromResult(Daemon.Start(Lab.Peer, PathOf("bird.log"), "bird", ["-f", "-c", PathOf("bird.conf"), "-s", ControlSocket, "-P", PathOf("bird.pid")]));
    }

    private string Configuration() => Text($$"""
        log stderr all;
        router id 198.51.100.2;
        protocol device { }
        protocol direct { ipv4; ipv6; }
        protocol kernel { ipv4 { import all; export none; }; learn on; }
        protocol bgp {{Protocol}} {
          local {{Settings.Local}} as {{Settings.Asn}};
          neighbor {{Settings.Announcer}} as {{Settings.RemoteAsn}};
          passive on;
          error wait time 1, 2;
          {{(Settings.Hops > 1 ? $"multihop {Settings.Hops};" : "direct;")}}
          {{(Settings.TtlSecurity ? "ttl security on;" : "")}}
          {{(Settings.Password is { } password ? $"password \"{password}\";" : "")}}
          {{(Settings.FourOctetAs ? "" : "enable as4 off;")}}
          {{(Settings.Ipv4 ? $"ipv4 {{ import all; export none; {(Settings.MaxPrefixes is { } most ? $"import limit {most} action disable;" : "")} }};" : "")}}
          {{(Settings.Ipv6 ? "ipv6 { import all; export none; };" : "")}}
        }
        """);

    private Task<string> AskAsync(string command) => InTimeAsync(limit => AskAsync(command, limit));

    private async Task<string> AskAsync(string command, CancellationToken limit)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(ControlSocket), limit);
        using var reader = new StreamReader(new NetworkStream(socket), Encoding.UTF8);
        await reader.ReadLineAsync(limit); // The greeting.
        await socket.SendAsync(Encoding.UTF8.GetBytes(command + "\n"), limit);
        var answer = new StringBuilder();
        while (await reader.ReadLineAsync(limit) is { } line)
        {
            // Four digits and '-' or, on the last line, a blank; or a blank where the digits are the same as before.
            bool hasCode = line.Length >= 5 && line[..4].All(char.IsAsciiDigit);
            answer.AppendLine(hasCode ? line[5..] : line.TrimStart('+')[1..]);
            if (hasCode && line[4] == ' ')
            {
                return line[0] < '8' ? answer.ToString() : throw new InvalidOperationException($"BIRD: {command}: {answer}");
            }
        }

        throw new IOException($"BIRD's answer to '{command}' broke off: {answer}");
    }

    [GeneratedRegex(@"AF announced:(.*)")]
    private static partial Regex Families();
}

/// <summary>BIRD's <c>show route all</c>.</summary>
internal static partial class BirdTable
{
    public static ImmutableArray<SeenRoute> Read(string text)
    {
        List<SeenRoute> routes = [];
        foreach (Match route in Routes().Matches(text))
        {
            string body = route.Groups["body"].Value;
            routes.Add(SeenRoute.Of(
                IPNetwork.Parse(route.Groups["prefix"].Value),
                Value(body, "as_path").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(n => uint.Parse(n, CultureInfo.InvariantCulture)),
                IPAddress.Parse(Value(body, "next_hop").Split(' ')[0]),
                Value(body, "origin").ToLowerInvariant(),
                [
                    .. Groups(Value(body, "community")).Select(c => Community.Parse(string.Join(':', c))),
                    .. Groups(Value(body, "large_community")).Select(c => Community.Parse(string.Join(':', c))),
                    .. Groups(Value(body, "ext_community")).Select(Extended),
                ]));
        }

        return SeenRoute.Sorted(routes);
    }

    private static string Value(string body, string attribute) => Regex.Match(body, $@"BGP\.{attribute}: ([^\n]*)").Groups[1].Value.Trim();

    private static IEnumerable<string[]> Groups(string value) => Parentheses().Matches(value).Select(m => m.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries));

    private static Community Extended(string[] parts) => parts[0] switch
    {
        "rt" => ExtendedCommunityText.Parse(2, parts[1], parts[2]),
        "ro" => ExtendedCommunityText.Parse(3, parts[1], parts[2]),
        _ => Community.Extended((Convert.ToUInt64(parts[1], 16) << 32) | Convert.ToUInt64(parts[2], 16)),
    };

    /// <summary>A line that begins with a prefix, and those with an indent behind it; '*' marks the route that is used.</summary>
    [GeneratedRegex(@"^(?<prefix>[0-9a-f.:]+/\d+)[^\n]*\*[^\n]*\n(?<body>(?:[ \t][^\n]*\n?)+)", RegexOptions.Multiline)]
    private static partial Regex Routes();

    [GeneratedRegex(@"\(([^)]*)\)")]
    private static partial Regex Parentheses();
}
