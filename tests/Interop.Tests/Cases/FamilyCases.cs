using OrleansCdn.Bgp.Wire;
using OrleansCdn.Interop.Tests.Matrix;
using OrleansCdn.Interop.Tests.Peers;

namespace OrleansCdn.Interop.Tests.Cases;

/// <summary>Families of addresses and sizes of AS numbers.</summary>
internal static class FamilyCases
{
    public static async Task Ipv4Async(Cell cell)
    {
        await using Scene scene = await Scene.OpenAsync(cell.Peer);
        scene.Announce(Scene.Route("192.0.2.0/24"), Scene.Route("203.0.113.0/24"));
        await scene.AgreeAsync();
        Assert.Equal(
            new SeenSession(true, SeenCapabilities.Ipv4 | SeenCapabilities.RouteRefresh | SeenCapabilities.FourOctetAs),
            await scene.Peer.SessionAsync());
    }

    public static async Task Ipv6Async(Cell cell)
    {
        await using Scene scene = await Scene.OpenAsync(cell.Peer, p => p with { Ipv4 = false, Ipv6 = true }, overIpv6: true);
        scene.Announce(Scene.Route("2001:db8:1000::/48"), Scene.Route("2001:db8:2000::/48"));
        await scene.AgreeAsync();
        Assert.Equal(
            new SeenSession(true, SeenCapabilities.Ipv6 | SeenCapabilities.RouteRefresh | SeenCapabilities.FourOctetAs),
            await scene.Peer.SessionAsync());
    }

    public static async Task Ipv6OverIpv4Async(Cell cell)
    {
        await using Scene scene = await Scene.OpenAsync(cell.Peer, p => p with { Ipv6 = true });
        scene.Announce(Scene.Route("192.0.2.0/24"), Scene.Route("2001:db8:1000::/48"));
        await scene.AgreeAsync();
        scene.Announce(Scene.Route("192.0.2.0/24"));
        await scene.AgreeAsync();
    }

    /// <summary>Both numbers need four octets.</summary>
    public static async Task FourOctetAsAsync(Cell cell)
    {
        await using Scene scene = await Scene.OpenAsync(cell.Peer, p => p with { Asn = 4200000002, AnnouncerAsn = 4200000001 });
        scene.Announce(Scene.Route("192.0.2.0/24", prepend: 2));
        await scene.AgreeAsync();
    }

    /// <summary>
    /// The capability is refused and the peer has the other side as AS_TRANS: in two octets that is what stands in AS_PATH, and the peer
    /// finds the true numbers in AS4_PATH. All four read the capability where it is offered, even if they do not offer it: hence the relay.
    /// </summary>
    public static async Task TwoOctetAsAsync(Cell cell)
    {
        await using Scene scene = await Scene.OpenAsync(cell.Peer, p => p with { FourOctetAs = false });
        await using RefusingRelay relay = scene.Refuse(Capability.FourOctetAs(PeerSettings.DefaultAnnouncerAsn));
        scene.Announce(Scene.Route("192.0.2.0/24", prepend: 2, "64500:120", "201726:1:120"));
        await scene.AgreeAsync();
        Assert.Equal(SeenCapabilities.Ipv4 | SeenCapabilities.RouteRefresh, (await scene.Peer.SessionAsync()).Offered);
        Assert.Equal(1, relay.Refused);
    }
}
