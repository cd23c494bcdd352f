using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Interop.Tests.Network;

namespace OrleansCdn.Interop.Tests.Peers;

/// <summary>FRR: bgpd, with a zebra that knows the host's links; asked on bgpd's own socket as <c>vtysh</c> does.</summary>
internal sealed class FrrPeer(Lab lab, PeerSettings settings) : Peer(lab, settings)
{
    private const string Programs = "/usr/lib/frr";

    public const string SpeakerProgram = $"{Programs}/bgpd";

    private Daemon? _zebra;

    public override async Task<ImmutableArray<SeenRoute>> RoutesAsync() => SeenRoute.Sorted(
    [
        .. Settings.Ipv4 ? FrrTable.Read(await AskAsync("show bgp ipv4 unicast json detail")) : [],
        .. Settings.Ipv6 ? FrrTable.Read(await AskAsync("show bgp ipv6 unicast json detail")) : [],
    ]);

    public override async Task<SeenSession> SessionAsync()
    {
        using JsonDocument answer = JsonDocument.Parse(await AskAsync($"show bgp neighbors {Settings.Announcer} json"));
        JsonElement neighbor = answer.RootElement.GetProperty(Settings.Announcer.ToString());
        SeenCapabilities offered = SeenCapabilities.None;
        if (neighbor.TryGetProperty("neighborCapabilities", out JsonElement all))
        {
            offered |= IsReceived(all, "routeRefresh") ? SeenCapabilities.RouteRefresh : 0;
            offered |= IsReceived(all, "4byteAs") ? SeenCapabilities.FourOctetAs : 0;
            offered |= HasFamily(all, "ipv4Unicast") ? SeenCapabilities.Ipv4 : 0;
            offered |= HasFamily(all, "ipv6Unicast") ? SeenCapabilities.Ipv6 : 0;
        }

        return new SeenSession(neighbor.GetProperty("bgpState").GetString() == "Established", offered);
    }

    public override Task RefreshAsync() => AskAsync($"clear bgp {(Settings.Ipv4 ? "ipv4" : "ipv6")} unicast {Settings.Announcer} soft in");

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_zebra is not null)
        {
            await _zebra.KillAsync();
            _zebra.Dispose();
        }
    }

    protected override async Task<Daemon> LaunchAsync()
    {
        File.WriteAllText(PathOf("zebra.conf"), "");
        File.WriteAllText(PathOf("bgpd.conf"), Configuration());
        string[] common = ["-z", PathOf("zserv.api"), "--vty_socket", Lab.Directory, "-P", "0", "--log", "stdout"];

        if (_zebra is null)
        {
            // Who owns its sockets does not matter to root; the group must be the one that was compiled in. A bgpd that does not find it
            // tries again after seconds only, and uses no route before.
            _zebra = Daemon.Start(Lab.Peer, PathOf("zebra.log"), $"{Programs}/zebra", ["-u", "root", "-g", "frrvty", "-f", PathOf("zebra.conf"), "-i", PathOf("zebra.pid"), .. common]);
            _ = await Poll.UntilAsync("zebra listens", StartLimit, () => Task.FromResult(File.Exists(PathOf("zserv.api"))), () => Task.FromResult(_zebra.LastWords()));
        }

        return Daemon.Start(Lab.Peer, PathOf("bgpd.log"), SpeakerProgram, ["-S", "-f", PathOf("bgpd.conf"), "-i", PathOf("bgpd.pid"), .. common]);
    }

    private string Configuration() => Text($"""
        log timestamp precision 3
        debug bgp neighbor-events
        router bgp {Settings.Asn}
         bgp router-id 198.51.100.2
         no bgp default ipv4-unicast
         no bgp ebgp-requires-policy
         bgp log-neighbor-changes
         neighbor {Settings.Announcer} remote-as {Settings.RemoteAsn}
         neighbor {Settings.Announcer} passive
         {(Settings.Hops > 1 ? $"neighbor {Settings.Announcer} ebgp-multihop {Settings.Hops}" : "")}
         {(Settings.TtlSecurity ? $"neighbor {Settings.Announcer} ttl-security hops 1" : "")}
         {(Settings.Password is { } password ? $"neighbor {Settings.Announcer} password {password}" : "")}
         {(Settings.FourOctetAs ? "" : $"neighbor {Settings.Announcer} dont-capability-negotiate")}
        {Family("ipv4", Settings.Ipv4)}
        {Family("ipv6", Settings.Ipv6)}

        """);

    private string Family(string family, bool isOn) => !isOn ? "" : Text($"""
         address-family {family} unicast
          neighbor {Settings.Announcer} activate
          {(Settings.MaxPrefixes is { } most ? $"neighbor {Settings.Announcer} maximum-prefix {most}" : "")}
         exit-address-family
        """);

    private static bool IsReceived(JsonElement all, string name) =>
        all.TryGetProperty(name, out JsonElement value) && value.ToString() is { } text
        && (text.Contains("AndReceived", StringComparison.Ordinal) || text.StartsWith("received", StringComparison.Ordinal));

    private static bool HasFamily(JsonElement all, string name) =>
        all.TryGetProperty("multiprotocolExtensions", out JsonElement families) && families.TryGetProperty(name, out JsonElement family)
        && family.EnumerateObject().Any(p => p.Name.Contains("eceived", StringComparison.Ordinal));

    private Task<string> AskAsync(string command) => InTimeAsync(limit => AskAsync(command, limit));

    /// <summary>A command ends with a zero; its answer with three, and a status.</summary>
    private async Task<string> AskAsync(string command, CancellationToken limit)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(PathOf("bgpd.vty")), limit);
        string answer = "";
        foreach (string line in (string[])["enable", command])
        {
            await socket.SendAsync(Encoding.UTF8.GetBytes(line + "\0"), limit);
            var received = new MemoryStream();
            byte[] buffer = new byte[16384];
            do
            {
                int count = await socket.ReceiveAsync(buffer, limit);
                if (count == 0)
                {
                    throw new IOException($"bgpd's answer to '{line}' broke off");
                }

                received.Write(buffer.AsSpan(0, count));
            }
            while (!(received.Length >= 4 && received.GetBuffer().AsSpan((int)received.Length - 4, 3).IndexOfAnyExcept((byte)0) < 0));

            answer = Encoding.UTF8.GetString(received.GetBuffer(), 0, (int)received.Length - 4);
            if (received.GetBuffer()[received.Length - 1] != 0)
            {
                throw new InvalidOperationException($"bgpd: {line}: {answer}");
            }
        }

        return answer;
    }
}

/// <summary>FRR's <c>show bgp … json detail</c>.</summary>
internal static class FrrTable
{
    public static List<SeenRoute> Read(string json)
    {
        using JsonDocument answer = JsonDocument.Parse(json);
        List<SeenRoute> routes = [];
        foreach (JsonProperty prefix in answer.RootElement.GetProperty("routes").EnumerateObject())
        {
            foreach (JsonElement path in prefix.Value.EnumerateArray())
            {
                // The head of the list says something of all paths.
                if (path.TryGetProperty("aspath", out JsonElement aspath) && path.TryGetProperty("bestpath", out _))
                {
                    routes.Add(SeenRoute.Of(
                        IPNetwork.Parse(prefix.Name),
                        aspath.GetProperty("string").GetString()!.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(n => uint.Parse(n, CultureInfo.InvariantCulture)),
                        IPAddress.Parse(path.GetProperty("nexthops").EnumerateArray().First(h => !(h.TryGetProperty("scope", out JsonElement scope) && scope.GetString() == "link-local")).GetProperty("ip").GetString()!),
                        path.GetProperty("origin").GetString()!.ToLowerInvariant(),
                        [
                            .. Words(path, "community").Select(Standard),
                            .. Words(path, "largeCommunity").Select(Community.Parse),
                            .. Words(path, "extendedCommunity").Select(Extended),
                        ]));
                }
            }
        }

        return routes;
    }

    private static string[] Words(JsonElement path, string name) =>
        path.TryGetProperty(name, out JsonElement value) ? value.GetProperty("string").GetString()!.Split(' ', StringSplitOptions.RemoveEmptyEntries) : [];

    private static Community Standard(string word) => word switch
    {
        "graceful-shutdown" => Community.GracefulShutdown,
        "no-export" => Community.NoExport,
        _ => Community.Parse(word),
    };

    private static Community Extended(string word) => word.Split(':') switch
    {
        ["RT", var asn, var local] => ExtendedCommunityText.Parse(2, asn, local),
        ["SoO", var asn, var local] => ExtendedCommunityText.Parse(3, asn, local),
        _ => throw new FormatException($"an extended community of FRR: {word}"),
    };
}
