using System.Globalization;
using System.Net;

namespace OrleansCdn.Interop.Tests.Network;

/// <summary>
/// Two hosts with a cable between them, each in a network namespace of its own; or with a router in between. Loopback addresses would not
/// do: GoBGP and FRR take none as a next hop.
/// </summary>
internal sealed class Lab : IAsyncDisposable
{
    private static int _count;

    private readonly string _name;

    private Lab(string name, bool isRouted)
    {
        _name = name;
        IsRouted = isRouted;
        Directory = System.IO.Directory.CreateTempSubdirectory(name).FullName;
    }

    /// <summary>The announcer's host.</summary>
    public string Announcer => $"{_name}a";

    /// <summary>The peer's host.</summary>
    public string Peer => $"{_name}p";

    private string Router => $"{_name}r";

    public bool IsRouted { get; }

    /// <summary>Gone with the lab.</summary>
    public string Directory { get; }

    // RFC 5737, RFC 3849; behind a router those of RFC 2544.
    public IPAddress AnnouncerIpv4 => IPAddress.Parse(IsRouted ? "198.18.0.1" : "198.51.100.1");

    public IPAddress PeerIpv4 => IPAddress.Parse(IsRouted ? "198.18.1.2" : "198.51.100.2");

    public IPAddress AnnouncerIpv6 => IPAddress.Parse("2001:db8:a::1");

    public IPAddress PeerIpv6 => IPAddress.Parse("2001:db8:a::2");

    public static async Task<Lab> CreateAsync(bool isRouted = false)
    {
        Janitor.Begin();
        var lab = new Lab(string.Create(CultureInfo.InvariantCulture, $"{Janitor.Prefix}{Interlocked.Increment(ref _count)}"), isRouted);
        await Shell.RunAsync(isRouted ? lab.Routed() : lab.Direct());
        return lab;
    }

    /// <summary>Pulls the cable at the announcer's end, or puts it back.</summary>
    public Task LinkAsync(bool isUp) => Shell.RunAsync($"ip -n {Announcer} link set eth0 {(isUp ? "up" : "down")}");

    public async ValueTask DisposeAsync()
    {
        await Shell.RunAsync(Janitor.Sweep(_name + "[apr]$"));
        System.IO.Directory.Delete(Directory, recursive: true);
    }

    private string Direct() => $"""
        {Host(Announcer)}
        {Host(Peer)}
        ip -n {Announcer} link add eth0 type veth peer name eth0 netns {Peer}
        {Address(Announcer, "eth0", $"{AnnouncerIpv4}/24", $"{AnnouncerIpv6}/64")}
        {Address(Peer, "eth0", $"{PeerIpv4}/24", $"{PeerIpv6}/64")}
        """;

    private string Routed() => $"""
        {Host(Announcer)}
        {Host(Peer)}
        {Host(Router)}
        ip netns exec {Router} sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
        ip -n {Announcer} link add eth0 type veth peer name eth0 netns {Router}
        ip -n {Peer} link add eth0 type veth peer name eth1 netns {Router}
        {Address(Announcer, "eth0", $"{AnnouncerIpv4}/24")}
        {Address(Router, "eth0", "198.18.0.254/24")}
        {Address(Router, "eth1", "198.18.1.254/24")}
        {Address(Peer, "eth0", $"{PeerIpv4}/24")}
        ip -n {Announcer} route add 198.18.1.0/24 via 198.18.0.254
        ip -n {Peer} route add 198.18.0.0/24 via 198.18.1.254
        """;

    /// <summary>IPv6 addresses are there at once (no duplicate address detection) and stay when the link goes.</summary>
    private static string Host(string name) => $"""
        ip netns add {name}
        ip -n {name} link set lo up
        ip netns exec {name} sh -c 'cd /proc/sys/net/ipv6/conf; echo 0 >default/accept_dad; echo 1 >default/keep_addr_on_down; echo 1 >all/keep_addr_on_down'
        """;

    private static string Address(string name, string link, params string[] addresses) =>
        string.Join('\n', [.. addresses.Select(a => $"ip -n {name} addr add {a} dev {link}{(a.Contains(':', StringComparison.Ordinal) ? " nodad" : "")}"), $"ip -n {name} link set {link} up"]);
}
