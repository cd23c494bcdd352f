using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text.Json;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Interop.Tests.Network;

namespace OrleansCdn.Interop.Tests.Peers;

/// <summary>GoBGP, asked by its own command <c>gobgp</c>.</summary>
internal sealed class GoBgpPeer(Lab lab, PeerSettings settings) : Peer(lab, settings)
{
    /// <summary>SessionState ESTABLISHED of GoBGP's API.</summary>
    private const int Established = 6;

    private string Api => $"unix://{PathOf("gobgp.sock")}";

    public override async Task<ImmutableArray<SeenRoute>> RoutesAsync() => SeenRoute.Sorted(
    [
        .. Settings.Ipv4 ? GoBgpTable.Read(await AskAsync("global", "rib", "-a", "ipv4")) : [],
        .. Settings.Ipv6 ? GoBgpTable.Read(await AskAsync("global", "rib", "-a", "ipv6")) : [],
    ]);

    public override async Task<SeenSession> SessionAsync()
    {
        using JsonDocument answer = JsonDocument.Parse(await AskAsync("neighbor", Settings.Announcer.ToString()));
        JsonElement state = answer.RootElement.GetProperty("state");
        SeenCapabilities offered = SeenCapabilities.None;
        foreach (JsonElement capability in state.TryGetProperty("remote_cap", out JsonElement all) ? all.EnumerateArray().ToArray() : [])
        {
            offered |= (capability.GetProperty("type_url").GetString()!.Split('.')[^1], capability.TryGetProperty("value", out JsonElement value) ? value.GetBytesFromBase64() : []) switch
            {
                ("RouteRefreshCapability", _) => SeenCapabilities.RouteRefresh,
                ("FourOctetASNCapability", _) => SeenCapabilities.FourOctetAs,

                // A family in a family's field: address family, then SAFI 1.
                ("MultiProtocolCapability", [0x0a, 4, 8, 1, 0x10, 1]) => SeenCapabilities.Ipv4,
                ("MultiProtocolCapability", [0x0a, 4, 8, 2, 0x10, 1]) => SeenCapabilities.Ipv6,
                _ => SeenCapabilities.None,
            };
        }

        return new SeenSession(state.TryGetProperty("session_state", out JsonElement session) && session.GetInt32() == Established, offered);
    }

    /// <summary>Its soft reset works on what it has kept of the session; it asks nobody.</summary>
    public override Task RefreshAsync() => throw new NotSupportedException("GoBGP sends no ROUTE-REFRESH");

    protected override Task<Daemon> LaunchAsync()
    {
        File.WriteAllText(PathOf("gobgp.toml"), Configuration());
        File.Delete(PathOf("gobgp.sock"));
        return Task.FromResult(Daemon.Start(Lab.Peer, PathOf("gobgp.log"), "gobgpd", ["-f", PathOf("gobgp.toml"), "--api-hosts", Api, "--pprof-disable"]));
    }

    private string Configuration() => Text($"""
        [global.config]
          as = {Settings.Asn}
          router-id = "198.51.100.2"
          local-address-list = ["{Settings.Local}"]
        [[neighbors]]
          [neighbors.config]
            neighbor-address = "{Settings.Announcer}"
            peer-as = {Settings.RemoteAsn}
            {(Settings.Password is { } password ? $"auth-password = \"{password}\"" : "")}
          [neighbors.transport.config]
            passive-mode = true
            local-address = "{Settings.Local}"
        {(Settings.Hops > 1 ? $"  [neighbors.ebgp-multihop.config]\n    enabled = true\n    multihop-ttl = {Settings.Hops}" : "")}
        {(Settings.TtlSecurity ? "  [neighbors.ttl-security.config]\n    enabled = true\n    ttl-min = 255" : "")}
        {Family("ipv4", Settings.Ipv4)}
        {Family("ipv6", Settings.Ipv6)}
        """);

    private string Family(string family, bool isOn) => !isOn ? "" : Text($"""
          [[neighbors.afi-safis]]
            [neighbors.afi-safis.config]
              afi-safi-name = "{family}-unicast"
        {(Settings.MaxPrefixes is { } most ? $"    [neighbors.afi-safis.prefix-limit.config]\n      max-prefixes = {most}" : "")}
        """);

    private Task<string> AskAsync(params string[] command) => Shell.OutputAsync("gobgp", ["--target", Api, "-j", .. command]);
}

/// <summary>GoBGP's <c>global rib</c> as JSON: attributes by the numbers of their types.</summary>
internal static class GoBgpTable
{
    private static readonly string[] Origins = ["igp", "egp", "incomplete"];

    public static List<SeenRoute> Read(string json)
    {
        using JsonDocument answer = JsonDocument.Parse(json);
        List<SeenRoute> routes = [];
        foreach (JsonProperty prefix in answer.RootElement.EnumerateObject())
        {
            foreach (JsonElement path in prefix.Value.EnumerateArray().Where(p => p.GetProperty("best").GetBoolean()))
            {
                var attributes = path.GetProperty("attrs").EnumerateArray().ToDictionary(a => a.GetProperty("type").GetInt32());
                JsonElement nextHop = attributes.TryGetValue(14, out JsonElement reach) ? reach : attributes[3];
                routes.Add(SeenRoute.Of(
                    IPNetwork.Parse(prefix.Name),
                    attributes[2].GetProperty("as_paths").EnumerateArray().SelectMany(s => s.GetProperty("asns").EnumerateArray()).Select(n => n.GetUInt32()),
                    IPAddress.Parse(nextHop.GetProperty("nexthop").GetString()!),
                    Origins[attributes[1].GetProperty("value").GetInt32()],
                    [
                        .. Items(attributes, 8, "communities").Select(c => Community.Standard((ushort)(c.GetUInt32() >> 16), (ushort)c.GetUInt32())),
                        .. Items(attributes, 16, "value").Select(Extended),
                        .. Items(attributes, 32, "value").Select(c => Community.Large(Number(c, "ASN"), Number(c, "LocalData1"), Number(c, "LocalData2"))),
                    ]));
            }
        }

        return routes;
    }

    private static JsonElement[] Items(Dictionary<int, JsonElement> attributes, int type, string name) =>
        attributes.TryGetValue(type, out JsonElement attribute) ? [.. attribute.GetProperty(name).EnumerateArray()] : [];

    private static uint Number(JsonElement community, string name) => community.GetProperty(name).GetUInt32();

    private static Community Extended(JsonElement community)
    {
        ulong type = community.GetProperty("type").GetUInt64();
        ulong head = (type << 56) | (community.GetProperty("subtype").GetUInt64() << 48);
        ulong[] parts = [.. community.GetProperty("value").GetString()!.Split(':', '.').Select(n => ulong.Parse(n, CultureInfo.InvariantCulture))];

        // RFC 4360: AS numbers of two octets; RFC 5668: of four, written as two halves (RFC 5396).
        return (type, parts) switch
        {
            (0, [var asn, var local]) => Community.Extended(head | (asn << 32) | local),
            (2, [var asn, var local]) => Community.Extended(head | (asn << 16) | local),
            (2, [var high, var low, var local]) => Community.Extended(head | (high << 32) | (low << 16) | local),
            _ => throw new FormatException($"an extended community of GoBGP: {community}"),
        };
    }
}
