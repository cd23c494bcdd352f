using System.Net;
using System.Net.Sockets;
using OrleansCdn.Bgp.Transport;
using OrleansCdn.Bgp.Wire;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Testing;

namespace OrleansCdn.Bgp.Tests.Transport;

/// <summary>Two sides of this library over loopback, and who else knocks.</summary>
public sealed class SessionListenerTests
{
    private static readonly IPAddress Here = IPAddress.Parse("127.0.0.1");
    private static readonly IPAddress There = IPAddress.Parse("127.0.0.2");

    [Theory]
    [InlineData("127.0.0.2", "127.0.0.1")]
    [InlineData("::1", "::1")]
    public async Task Both_families_of_both_kinds_of_sessions_carry_routes(string there, string here)
    {
        await using SessionListener listener = Listen(there);
        await using TestSession passive = Passive(listener, new TcpPeer { Remote = new IPEndPoint(IPAddress.Parse(here), 179) });
        await using var active = TestSession.Active(new TcpPeer { Remote = listener.Local, Source = IPAddress.Parse(here) });
        active.Announce(TestSession.Route(TestSession.Ipv4Prefix, 2, "64600:2914"), TestSession.Route(TestSession.Ipv6Prefix, 0, "20473:6000"));
        active.Runner.Start();
        await Seen.UntilAsync("both routes", () => passive.Heard.Count == 2, () => active.Observe().ToString());
        Assert.Equal(Enumerable.Repeat(TestSession.LocalAsn, 3), passive.Heard[TestSession.Ipv4Prefix].AsPath);
        Assert.Equal(IPAddress.Loopback, passive.Heard[TestSession.Ipv4Prefix].NextHopIpv4);
        Assert.Equal(IPAddress.IPv6Loopback, passive.Heard[TestSession.Ipv6Prefix].NextHopIpv6);
        Assert.Null(active.Runner.NextHopProblem);

        active.Announce(TestSession.Route(TestSession.Ipv6Prefix));
        await Seen.UntilAsync("one withdrawn", () => passive.Heard.Count == 1);
        await active.Runner.StopAsync(CeaseSubcode.PeerDeconfigured, "");
        await Seen.UntilAsync("nothing is left of it", () => passive.Heard.IsEmpty());
        await passive.UntilErrorAsync("Cease/Peer De-configured");
    }

    [Fact]
    public async Task Two_connections_at_once_become_one()
    {
        await using SessionListener here = Listen(Here.ToString());
        await using SessionListener there = Listen(There.ToString());
        await using var left = TestSession.Active(new TcpPeer { Remote = there.Local, Source = Here });
        await using var right = TestSession.Passive(new TcpPeer { Remote = here.Local, Source = There }, isPassive: false);
        here.Add(left.Runner);
        there.Add(right.Runner);
        (string? Address, long Established) first = default;
        for (int round = 0; round < 5; round++)
        {
            left.Runner.Start();
            right.Runner.Start();
            await left.UntilAsync(BgpState.Established);
            await right.UntilAsync(BgpState.Established);

            // One TCP connection: each side's end of it is the other side's other end.
            right.Announce(TestSession.Route(TestSession.Ipv4Prefix, round));
            await Seen.UntilAsync("the route", () => left.Heard.TryGetValue(TestSession.Ipv4Prefix, out UpdateMessage? update) && update.AsPath.Length == round + 1);
            (string? Address, long Established) now = (left.Observe().LocalAddress, left.Observe().Counters.Established);
            Assert.True(now.Address == here.Local.ToString() || right.Observe().LocalAddress == there.Local.ToString());

            // When the two sides choose at different moments each may close what the other keeps, and they begin anew (RFC 4271 §6.8).
            // The one that has carried a route stays.
            first = round == 0 ? now : first;
            Assert.Equal(first, now);
        }
    }

    [Fact]
    public async Task Who_is_not_known_is_closed()
    {
        await using SessionListener listener = Listen(There.ToString());
        await using TestSession passive = Passive(listener, new TcpPeer { Remote = new IPEndPoint(Here, 179) });
        using RawBgpPeer stranger = await RawBgpPeer.ConnectAsync(listener.Local, "127.0.0.3");
        Assert.Null(await stranger.ReadAsync());
        Assert.Equal(1, listener.Refused);

        using RawBgpPeer known = await RawBgpPeer.ConnectAsync(listener.Local, Here.ToString());
        _ = await known.EstablishAsync(TestSession.LocalAsn);
        await passive.UntilAsync(BgpState.Established);
        listener.Remove(passive.Runner);
        using RawBgpPeer again = await RawBgpPeer.ConnectAsync(listener.Local, Here.ToString());
        Assert.Null(await again.ReadAsync());
    }

    [Fact]
    public async Task A_second_connection_beside_one_that_works_is_told_so()
    {
        await using SessionListener listener = Listen(There.ToString());
        await using TestSession passive = Passive(listener, new TcpPeer { Remote = new IPEndPoint(Here, 179) });
        using RawBgpPeer first = await RawBgpPeer.ConnectAsync(listener.Local, Here.ToString());
        _ = await first.EstablishAsync(TestSession.LocalAsn);
        await passive.UntilAsync(BgpState.Established);
        using RawBgpPeer second = await RawBgpPeer.ConnectAsync(listener.Local, Here.ToString());
        Assert.Equal("0607", Convert.ToHexStringLower(await second.ReadAsync(RawBgpPeer.Notification)));
        Assert.Equal(BgpState.Established, passive.Runner.State);
    }

    [Fact]
    public async Task A_neighbour_that_opens_connections_without_end_gets_no_more_than_a_few()
    {
        await using SessionListener listener = Listen(There.ToString());
        await using TestSession passive = Passive(listener, new TcpPeer { Remote = new IPEndPoint(Here, 179) });
        List<RawBgpPeer> peers = [];
        for (int i = 0; i < 100; i++)
        {
            peers.Add(await RawBgpPeer.ConnectAsync(listener.Local, Here.ToString()));
        }

        // Those that came while the others were being closed have not heard a word.
        int unheard = 0;
        foreach (RawBgpPeer one in peers)
        {
            unheard += await one.ReadAsync() is null ? 1 : 0;
        }

        Assert.NotEqual(0, unheard);

        // The session still works for the one that means it.
        using RawBgpPeer last = await RawBgpPeer.ConnectAsync(listener.Local, Here.ToString());
        peers.ForEach(p => p.Dispose());
        RawBgpPeer peer = last;
        await Seen.UntilAsync("Established", () =>
        {
            if (passive.Runner.State == BgpState.Established)
            {
                return true;
            }

            try
            {
                peer = RawBgpPeer.ConnectAsync(listener.Local, Here.ToString()).GetAwaiter().GetResult();
                _ = peer.EstablishAsync(TestSession.LocalAsn).GetAwaiter().GetResult();
            }
            catch (Exception e) when (e is EndOfStreamException or InvalidDataException or SocketException)
            {
                peer.Dispose(); // One of those before it is still being closed.
            }

            return false;
        });
        Assert.False(passive.Runner.Completion.IsCompleted);
        peer.Dispose();
    }

    /// <summary>A clock that stands still keeps the ends of connections open for as long as the test wants.</summary>
    [Fact]
    public async Task When_all_places_are_taken_by_what_is_being_closed_they_are_free_again_afterwards()
    {
        var time = new FakeTimeProvider();
        await using SessionListener listener = Listen(There.ToString());
        await using TestSession passive = Passive(listener, new TcpPeer { Remote = new IPEndPoint(Here, 179) }, time);
        List<RawBgpPeer> peers = [];
        try
        {
            // Each takes the place of the one before, whose end waits for this side's.
            while (true)
            {
                RawBgpPeer next = await RawBgpPeer.ConnectAsync(listener.Local, Here.ToString());
                if (await next.ReadAsync() is not { Type: RawBgpPeer.Open })
                {
                    next.Dispose();
                    break;
                }

                peers.Add(next);
            }

            Assert.InRange(peers.Count, 2, 20);
            peers[^1].Dispose();
            await Seen.UntilAsync("the last one is gone, too", () => passive.Runner.State != BgpState.OpenSent);
            await Seen.UntilAsync("a place is free", () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                using RawBgpPeer late = RawBgpPeer.ConnectAsync(listener.Local, Here.ToString()).GetAwaiter().GetResult();
                return late.ReadAsync().GetAwaiter().GetResult() is { Type: RawBgpPeer.Open };
            });
        }
        finally
        {
            peers.ForEach(peer => peer.Dispose());
        }
    }

    private static SessionListener Listen(string address) => SessionListener.Open(new IPEndPoint(IPAddress.Parse(address), 0), TimeProvider.System);

    private static TestSession Passive(SessionListener listener, TcpPeer peer, TimeProvider? time = null)
    {
        var passive = TestSession.Passive(peer, time: time);
        listener.Add(passive.Runner);
        passive.Runner.Start();
        return passive;
    }
}

internal static class Counting
{
    public static bool IsEmpty<TKey, TValue>(this IReadOnlyDictionary<TKey, TValue> map) => map.Count == 0;
}
