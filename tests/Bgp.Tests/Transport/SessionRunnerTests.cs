using System.Net;
using System.Net.Sockets;
using OrleansCdn.Bgp.Fsm;
using OrleansCdn.Bgp.Transport;
using OrleansCdn.Bgp.Wire;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Testing;

namespace OrleansCdn.Bgp.Tests.Transport;

/// <summary>Sessions over real sockets, against a peer of raw octets.</summary>
public sealed class SessionRunnerTests
{
    [Fact]
    public async Task A_route_is_on_the_wire_as_the_RFCs_have_it()
    {
        using Socket listener = RawBgpPeer.Listen();
        await using var session = TestSession.Active((IPEndPoint)listener.LocalEndPoint!);
        session.Announce(TestSession.Route(TestSession.Ipv4Prefix, prepend: 1, "64600:2914"));
        session.Runner.Start();
        using RawBgpPeer peer = await RawBgpPeer.AcceptAsync(listener);
        byte[] open = await peer.EstablishAsync(TestSession.PeerAsn);

        // Version 4, AS_TRANS, 90 s, 10.0.0.1; both families, route refresh, AS 201726.
        Assert.Equal("045ba0005a0a000001" + "1c" + "0206010400010001" + "0206010400020001" + "02020200" + "02064104000313fe", Convert.ToHexStringLower(open));
        byte[] update = await peer.ReadAsync(RawBgpPeer.Update);

        // ORIGIN IGP; AS_SEQUENCE of two; NEXT_HOP 127.0.0.1; 64600:2914; 192.0.2.0/24.
        Assert.Equal(
            "0000" + "001f" + "40010100" + "40020a0202000313fe000313fe" + "4003047f000001" + "c008" + "04fc580b62" + "18c00002",
            Convert.ToHexStringLower(update));
        await session.UntilAsync(BgpState.Established);
        Assert.Equal(TestSession.Ipv4Prefix, Assert.Single(session.Observe().Advertised).Prefix);
    }

    [Fact]
    public async Task Without_a_next_hop_the_others_are_announced_and_the_reason_is_told()
    {
        using Socket listener = RawBgpPeer.Listen();
        await using var session = TestSession.Active((IPEndPoint)listener.LocalEndPoint!);

        // The only IPv6 address of the interface is one of those that are announced.
        session.Runner.Set([TestSession.Route(TestSession.Ipv6Prefix), TestSession.Route(TestSession.Ipv4Prefix)], [TestSession.Ipv4Prefix, TestSession.Ipv6Prefix, IPNetwork.Parse("::1/128")]);
        session.Runner.Start();
        using RawBgpPeer peer = await RawBgpPeer.AcceptAsync(listener);
        _ = await peer.EstablishAsync(TestSession.PeerAsn);
        Assert.EndsWith("18c00002", Convert.ToHexStringLower(await peer.ReadAsync(RawBgpPeer.Update)), StringComparison.Ordinal);
        Assert.Equal(new RefusedRoute(TestSession.Ipv6Prefix, EncodeRefusal.NoNextHop), Assert.Single(session.Runner.Refused));
        Assert.Contains("127.0.0.1 has no IPv6 address", session.Runner.NextHopProblem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_longer_desired_is_withdrawn()
    {
        using Socket listener = RawBgpPeer.Listen();
        await using var session = TestSession.Active((IPEndPoint)listener.LocalEndPoint!);
        session.Announce(TestSession.Route(TestSession.Ipv4Prefix));
        session.Runner.Start();
        using RawBgpPeer peer = await RawBgpPeer.AcceptAsync(listener);
        _ = await peer.EstablishAsync(TestSession.PeerAsn);
        _ = await peer.ReadAsync(RawBgpPeer.Update);
        session.Announce();
        Assert.Equal("000418c000020000", Convert.ToHexStringLower(await peer.ReadAsync(RawBgpPeer.Update)));
    }

    [Fact]
    public async Task A_planned_stop_says_so_before_it_closes()
    {
        using Socket listener = RawBgpPeer.Listen();
        await using var session = TestSession.Active((IPEndPoint)listener.LocalEndPoint!);
        session.Runner.Start();
        using RawBgpPeer peer = await RawBgpPeer.AcceptAsync(listener);
        _ = await peer.EstablishAsync(TestSession.PeerAsn);
        await session.UntilAsync(BgpState.Established);
        Task stopped = session.Runner.StopAsync(CeaseSubcode.AdministrativeShutdown, "bye");
        Assert.Equal("060203627965", Convert.ToHexStringLower(await peer.ReadAsync(RawBgpPeer.Notification)));
        Assert.Null(await peer.ReadAsync());
        peer.Socket.Shutdown(SocketShutdown.Both);
        await stopped;
    }

    [Fact]
    public async Task A_peer_that_does_not_take_the_farewell_does_not_hold_up_the_stop()
    {
        using Socket listener = RawBgpPeer.Listen();
        var session = TestSession.Active((IPEndPoint)listener.LocalEndPoint!);
        session.Runner.Start();
        using RawBgpPeer peer = await RawBgpPeer.AcceptAsync(listener);
        _ = await peer.EstablishAsync(TestSession.PeerAsn);
        await session.DisposeAsync(); // The peer's end stays open: only the limit ends it.
        Assert.True(session.Runner.Completion.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_peer_that_goes_is_connected_to_again()
    {
        using Socket listener = RawBgpPeer.Listen();
        await using var session = TestSession.Active((IPEndPoint)listener.LocalEndPoint!);
        session.Announce(TestSession.Route(TestSession.Ipv6Prefix));
        session.Runner.Start();
        for (int i = 0; i < 2; i++)
        {
            using RawBgpPeer peer = await RawBgpPeer.AcceptAsync(listener);
            _ = await peer.EstablishAsync(TestSession.PeerAsn);
            _ = await peer.ReadAsync(RawBgpPeer.Update);
        }

        await session.UntilErrorAsync("the peer closed the connection");
    }

    [Fact]
    public async Task Octets_that_are_no_message_get_their_notification()
    {
        using Socket listener = RawBgpPeer.Listen();
        await using var session = TestSession.Active((IPEndPoint)listener.LocalEndPoint!);
        session.Runner.Start();
        using RawBgpPeer peer = await RawBgpPeer.AcceptAsync(listener);
        await peer.SendRawAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray());
        Assert.Equal("0101", Convert.ToHexStringLower(await peer.ReadAsync(RawBgpPeer.Notification)));
        Assert.Null(await peer.ReadAsync());
    }

    [Fact]
    public async Task Messages_cut_anywhere_are_read()
    {
        using Socket listener = RawBgpPeer.Listen();
        await using var session = TestSession.Active((IPEndPoint)listener.LocalEndPoint!);
        session.Runner.Start();
        using RawBgpPeer peer = await RawBgpPeer.AcceptAsync(listener);
        peer.Socket.NoDelay = true;
        byte[] open = RawBgpPeer.OpenBody(TestSession.PeerAsn, 90, 0xc0000263);
        byte[] all = [.. Enumerable.Repeat((byte)0xff, 16), 0, (byte)(19 + open.Length), 1, .. open, .. Enumerable.Repeat((byte)0xff, 16), 0, 19, 4];
        foreach (byte octet in all)
        {
            await peer.SendRawAsync(new[] { octet });
        }

        await session.UntilAsync(BgpState.Established);
    }

    [Fact]
    public async Task A_peer_that_asks_without_end_and_reads_nothing_is_given_up()
    {
        using Socket listener = RawBgpPeer.Listen();
        await using var session = TestSession.Active((IPEndPoint)listener.LocalEndPoint!);
        string[] communities = [.. Enumerable.Range(0, 900).Select(i => $"64600:{i}")]; // Nearly 4 KiB each time.
        session.Announce(TestSession.Route(TestSession.Ipv4Prefix, 0, communities));
        session.Runner.Start();
        using RawBgpPeer peer = await RawBgpPeer.AcceptAsync(listener);
        _ = await peer.EstablishAsync(TestSession.PeerAsn);
        Task asking = AskAsync();
        await session.UntilErrorAsync("asks for more than it reads");
        await asking;

        async Task AskAsync()
        {
            try
            {
                while (session.Observe().LastError is null)
                {
                    await peer.SendAsync(RawBgpPeer.RouteRefresh, new byte[] { 0, 1, 0, 1 });
                }
            }
            catch (SocketException)
            {
                // It has been given up.
            }
        }
    }

    [Fact]
    public async Task Keepalives_stop_when_the_rest_of_the_process_hangs()
    {
        bool isAlive = true;
        using Socket listener = RawBgpPeer.Listen();
        var asked = new System.Collections.Concurrent.ConcurrentBag<TimeSpan>();
        await using var session = TestSession.Active(
            new TcpPeer { Remote = (IPEndPoint)listener.LocalEndPoint! },
            isAlive: hold =>
            {
                asked.Add(hold);
                return Volatile.Read(ref isAlive);
            });
        session.Runner.Start();
        using RawBgpPeer peer = await RawBgpPeer.AcceptAsync(listener);
        _ = await peer.EstablishAsync(TestSession.PeerAsn, hold: 3);
        _ = await peer.ReadAsync(RawBgpPeer.Keepalive); // One a second.
        Volatile.Write(ref isAlive, false);

        // This side keeps talking, so that only the silence of the other one shows.
        using var over = new CancellationTokenSource();
        Task talking = TalkAsync();
        long start = TimeProvider.System.GetTimestamp();
        Task<(byte Type, byte[] Body)?> next = peer.ReadAsync();
        while (TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(4))
        {
            if (next.IsCompleted)
            {
                Assert.Equal(RawBgpPeer.Keepalive, (await next)!.Value.Type);
                Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(2.5), "a keepalive of a process that hangs");
                next = peer.ReadAsync();
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }

        Volatile.Write(ref isAlive, true);
        Assert.Equal(RawBgpPeer.Keepalive, (await next)!.Value.Type);
        await over.CancelAsync();
        await talking;
        Assert.Contains(TimeSpan.FromSeconds(3), asked); // The negotiated one, not the 90 s proposed.

        async Task TalkAsync()
        {
            while (!over.IsCancellationRequested)
            {
                await peer.SendAsync(RawBgpPeer.Keepalive);
                await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System, over.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    [Fact]
    public async Task A_peer_that_falls_silent_is_told_that_its_time_is_up()
    {
        using Socket listener = RawBgpPeer.Listen();
        await using var session = TestSession.Active((IPEndPoint)listener.LocalEndPoint!, holdSeconds: 3);
        session.Runner.Start();
        using RawBgpPeer peer = await RawBgpPeer.AcceptAsync(listener);
        _ = await peer.EstablishAsync(TestSession.PeerAsn);
        Assert.Equal("0400", Convert.ToHexStringLower(await peer.ReadAsync(RawBgpPeer.Notification)));
    }

    [Fact]
    public async Task A_password_that_cannot_be_read_is_the_attempts_error()
    {
        await using var session = TestSession.Active(new TcpPeer
        {
            Remote = new IPEndPoint(IPAddress.Loopback, 1),
            ReadPassword = () => throw new IOException("no such file"),
        });
        session.Runner.Start();
        await session.UntilErrorAsync("connect: no such file");
    }
}
