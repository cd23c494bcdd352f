using OrleansCdn.Contracts.Routing;
using OrleansCdn.Interop.Tests.Matrix;
using OrleansCdn.Interop.Tests.Network;

namespace OrleansCdn.Interop.Tests.Cases;

/// <summary>Either side dies or hangs, or what is between them does: routes go in time and come back.</summary>
internal static class DeathCases
{
    /// <summary>The shortest that RFC 4271 §4.2 allows.</summary>
    private static readonly TimeSpan ShortHold = TimeSpan.FromSeconds(3);

    /// <summary>Timers of daemons are late by up to a second (BIRD's and FRR's have jitter and coarse ticks), and so may this machine be.</summary>
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(1.5);

    /// <summary>SIGKILL: the kernel closes the sockets.</summary>
    public static async Task KilledAsync(Cell cell)
    {
        await using Scene scene = await UpAsync(cell, TimeSpan.FromSeconds(90));
        scene.Announcer.Process.Signal(Native.Kill);
        cell.Figure = await scene.GoneAsync();
        Assert.True(cell.Figure < TimeSpan.FromSeconds(1), $"the routes were gone after {cell.Figure}");
        await scene.Announcer.Process.KillAsync();
        scene.Announcer.Start();
        await scene.AgreeAsync();
    }

    /// <summary>SIGSTOP: the kernel keeps the connection, only the hold time ends it.</summary>
    public static async Task HangsAsync(Cell cell)
    {
        await using Scene scene = await UpAsync(cell, ShortHold);
        scene.Announcer.Process.Signal(Native.Stop);
        cell.Figure = await scene.GoneAsync();
        Assert.True(cell.Figure < ShortHold + Late, $"the routes were gone after {cell.Figure}");
        scene.Announcer.Process.Signal(Native.Continue);
        await scene.AgreeAsync();
    }

    public static async Task PeerHangsAsync(Cell cell)
    {
        await using Scene scene = await UpAsync(cell, ShortHold);
        scene.Peer.Speaker.Signal(Native.Stop);
        _ = await scene.SessionAsync("Hold Timer Expired is sent", s => s is { State: not BgpState.Established, LastError: { Origin: SessionErrorOrigin.Sent, Code: 4 } });
        scene.Peer.Speaker.Signal(Native.Continue);
        await scene.AgreeAsync();
    }

    public static async Task PeerRestartsAsync(Cell cell)
    {
        await using Scene scene = await UpAsync(cell, TimeSpan.FromSeconds(90));
        await scene.Peer.Speaker.KillAsync();
        _ = await scene.SessionAsync("the session is down", s => s.State != BgpState.Established);
        await scene.Peer.StartAsync();
        await scene.AgreeAsync();
    }

    /// <summary>Short gaps, which TCP or a new session bridges, and one that is longer than the hold time; routes change while the link is down.</summary>
    public static async Task LinkFlapsAsync(Cell cell)
    {
        await using Scene scene = await UpAsync(cell, ShortHold);
        for (int i = 0; i < 5; i++)
        {
            await scene.Lab.LinkAsync(isUp: false);
            await scene.Lab.LinkAsync(isUp: true);
        }

        await scene.AgreeAsync();
        await scene.Lab.LinkAsync(isUp: false);
        scene.Announce(Scene.Route("203.0.113.0/24", 2, "64500:121"));
        _ = await scene.SessionAsync("the session is down", s => s.State != BgpState.Established);
        _ = await scene.GoneAsync();
        await scene.Lab.LinkAsync(isUp: true);
        await scene.AgreeAsync();
    }

    private static async Task<Scene> UpAsync(Cell cell, TimeSpan hold)
    {
        Scene scene = await Scene.OpenAsync(cell.Peer);
        try
        {
            scene.Session = scene.Session with { HoldTime = hold };
            scene.Announce(Scene.Route("192.0.2.0/24", 1, "64500:120"), Scene.Route("203.0.113.0/24"));
            await scene.AgreeAsync();
            return scene;
        }
        catch
        {
            await scene.DisposeAsync();
            throw;
        }
    }
}
