using OrleansCdn.Contracts.Routing;
using OrleansCdn.Interop.Tests.Matrix;

namespace OrleansCdn.Interop.Tests.Cases;

/// <summary>What routes say, and that changes of it arrive.</summary>
internal static class AttributeCases
{
    public static async Task CommunitiesAsync(Cell cell)
    {
        await using Scene scene = await Scene.OpenAsync(cell.Peer, p => p with { Ipv6 = true });

        // Of each kind several, with the smallest and the largest numbers; route targets with AS numbers of two and of four octets.
        string[] communities =
        [
            "1:0", "64500:120", "65535:65281", "rt:64500:4294967295", "ro:64500:0", "ext:0x0202000313fe0078", "201726:0:1", "4294967295:4294967295:4294967295",
        ];
        scene.Announce(Scene.Route("192.0.2.0/24", 0, communities), Scene.Route("2001:db8:1000::/48", 0, communities));
        await scene.AgreeAsync();
        scene.Announce(Scene.Route("192.0.2.0/24", 0, "64500:121"), Scene.Route("2001:db8:1000::/48", 0, "201726:0:2"));
        await scene.AgreeAsync();
    }

    public static async Task GracefulShutdownAsync(Cell cell)
    {
        await using Scene scene = await Scene.OpenAsync(cell.Peer);
        scene.Announce(Scene.Route("192.0.2.0/24", 0, "64500:120"));
        await scene.AgreeAsync();
        scene.Announce(Scene.Route("192.0.2.0/24", 0, "64500:120", Community.GracefulShutdown.ToString()));
        await scene.AgreeAsync();
        scene.Announce(Scene.Route("192.0.2.0/24", 0, "64500:120"));
        await scene.AgreeAsync();
        await NeverDownAsync(scene);
    }

    public static async Task PrependsAsync(Cell cell)
    {
        await using Scene scene = await Scene.OpenAsync(cell.Peer, p => p with { Ipv6 = true });
        foreach (int prepend in (int[])[1, 5, 0])
        {
            scene.Announce(Scene.Route("192.0.2.0/24", prepend), Scene.Route("2001:db8:1000::/48", 5 - prepend));
            await scene.AgreeAsync();
        }

        await NeverDownAsync(scene);
    }

    public static async Task WithdrawAsync(Cell cell)
    {
        await using Scene scene = await Scene.OpenAsync(cell.Peer, p => p with { Ipv6 = true });
        scene.Announce(Scene.Route("192.0.2.0/24"), Scene.Route("203.0.113.0/24"), Scene.Route("2001:db8:1000::/48"), Scene.Route("2001:db8:2000::/48"));
        await scene.AgreeAsync();
        scene.Announce(Scene.Route("203.0.113.0/24"), Scene.Route("2001:db8:1000::/48"));
        await scene.AgreeAsync();
        scene.Announce([]);
        await scene.AgreeAsync();
        await NeverDownAsync(scene);
    }

    public static async Task RouteRefreshAsync(Cell cell)
    {
        await using Scene scene = await Scene.OpenAsync(cell.Peer);
        scene.Announce(Scene.Route("192.0.2.0/24", 1, "64500:120"), Scene.Route("203.0.113.0/24"));
        await scene.AgreeAsync();
        long sent = (await scene.Announcer.SessionAsync())!.Counters.UpdatesOut;
        await scene.Peer.RefreshAsync();
        _ = await scene.SessionAsync("both routes are sent again", s => s.Counters.RouteRefreshesIn >= 1 && s.Counters.UpdatesOut >= sent + 2);
        await scene.AgreeAsync();
        await NeverDownAsync(scene);
    }

    private static async Task NeverDownAsync(Scene scene) => Assert.Equal(1, (await scene.Announcer.SessionAsync())!.Counters.Established);
}
