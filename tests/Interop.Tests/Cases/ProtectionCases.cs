using OrleansCdn.Bgp.Wire;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Interop.Tests.Matrix;
using OrleansCdn.Interop.Tests.Network;
using OrleansCdn.Interop.Tests.Peers;

namespace OrleansCdn.Interop.Tests.Cases;

/// <summary>Who may have a session at all, and with what.</summary>
internal static class ProtectionCases
{
    private const string Password = "correct-horse-battery";

    public static async Task RightPasswordAsync(Cell cell)
    {
        await using Scene scene = await Scene.OpenAsync(cell.Peer, p => p with { Password = Password });
        scene.Session = scene.Session with { PasswordFile = WritePassword(scene, Password) };
        scene.Announce(Scene.Route("192.0.2.0/24"));
        await scene.AgreeAsync();
    }

    /// <summary>The peer's kernel drops what is signed wrongly; a password that is mended is taken up.</summary>
    public static async Task WrongPasswordAsync(Cell cell)
    {
        await using Scene scene = await Scene.OpenAsync(cell.Peer, p => p with { Password = Password });
        scene.Session = scene.Session with { PasswordFile = WritePassword(scene, Password + "-not") };
        scene.Announce(Scene.Route("192.0.2.0/24"));
        await scene.UntilAsync("the peer's kernel drops segments", () => KernelCounters.Sum(scene.Peer.Speaker.Id, KernelCounters.Md5Refused) > 0);
        await scene.NothingAsync();
        _ = WritePassword(scene, Password);
        await scene.AgreeAsync();
    }

    /// <summary>Either side has it alone, and its kernel drops what comes from the other; then both have it.</summary>
    public static async Task TtlSecurityAsync(Cell cell)
    {
        await using Scene scene = await Scene.OpenAsync(cell.Peer, p => p with { TtlSecurity = true });
        if (PeerLimits.ChecksTtl(cell.Peer))
        {
            scene.Session = scene.Session with { TtlSecurity = false };
            scene.Announce(Scene.Route("192.0.2.0/24"));
            await scene.UntilAsync("the peer's kernel drops segments", () => KernelCounters.Sum(scene.Peer.Speaker.Id, KernelCounters.TtlRefused) > 0);
            await scene.NothingAsync();
        }

        // A new process each time: half of a connection is left in the old one, since its end was dropped as well.
        scene.Session = scene.Session with { TtlSecurity = true };
        await scene.RestartPeerAsync(p => p with { TtlSecurity = false }, whileGone: async () =>
        {
            scene.Announce(Scene.Route("192.0.2.0/24"));
            await scene.TakenUpAsync();
        });
        await scene.UntilAsync("the announcer's kernel drops segments", () => KernelCounters.Sum(scene.Announcer.Process.Id, KernelCounters.TtlRefused) > 0);
        await scene.NothingAsync();

        await scene.RestartPeerAsync(p => p with { TtlSecurity = true });
        await scene.AgreeAsync();
    }

    /// <summary>A session for direct neighbours does not reach over the router, one for two hops does.</summary>
    public static async Task MultihopAsync(Cell cell)
    {
        await using Scene scene = await Scene.OpenAsync(cell.Peer, p => p with { Hops = 2 }, isRouted: true);
        scene.Session = scene.Session with { Hops = 1 };
        scene.Announce(Scene.Route("192.0.2.0/24"));
        _ = await scene.SessionAsync("the connection fails", s => s.LastError?.Origin == SessionErrorOrigin.Connection);
        await scene.NothingAsync();
        scene.Session = scene.Session with { Hops = 2 };
        scene.Announce(Scene.Route("192.0.2.0/24"));
        await scene.AgreeAsync();
    }

    /// <summary>More prefixes than the peer takes: it says Cease/1, and is left alone for a minute.</summary>
    public static async Task MaxPrefixAsync(Cell cell)
    {
        await using Scene scene = await Scene.OpenAsync(cell.Peer, p => p with { MaxPrefixes = 1 });
        scene.Announce(Scene.Route("192.0.2.0/24"));
        await scene.AgreeAsync();

        // Two more: FRR counts what it has when another one comes.
        scene.Announce(Scene.Route("192.0.2.0/24"), Scene.Route("203.0.113.0/25"), Scene.Route("203.0.113.128/25"));
        if (scene.Peer is ExaBgpPeer driven)
        {
            await scene.AgreeAsync();
            await driven.EndForTooManyPrefixesAsync();
        }

        ObservedSession session = await scene.SessionAsync("Cease/Maximum Number of Prefixes Reached", s => s is { State: BgpState.Idle, LastError: { Origin: SessionErrorOrigin.Received, Code: 6, Subcode: 1 } });
        Assert.True(session.NextAttempt - session.LastError!.When > TimeSpan.FromSeconds(45), $"{session}");
        _ = await scene.GoneAsync();
    }

    /// <summary>None of the four refuses a capability that it does not know; something in between does, and the session goes on without it.</summary>
    public static async Task RefusedCapabilityAsync(Cell cell)
    {
        await using Scene scene = await Scene.OpenAsync(cell.Peer);
        await using RefusingRelay relay = scene.Refuse(Capability.RouteRefresh);
        scene.Announce(Scene.Route("192.0.2.0/24", 1, "64500:120"));
        await scene.AgreeAsync();
        Assert.Equal(new SeenSession(true, SeenCapabilities.Ipv4 | SeenCapabilities.FourOctetAs), await scene.Peer.SessionAsync());
        Assert.Equal(1, relay.Refused);
        Assert.Equal((SessionErrorOrigin.Received, 2, 7), (await scene.Announcer.SessionAsync())!.LastError is { } e ? (e.Origin, e.Code, e.Subcode) : default);
    }

    private static string WritePassword(Scene scene, string password)
    {
        string path = Path.Combine(scene.Lab.Directory, "password");
        File.WriteAllText(path, password + "\n");
        return path;
    }
}
