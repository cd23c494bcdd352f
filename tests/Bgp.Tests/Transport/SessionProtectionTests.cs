using System.Net;
using System.Net.Sockets;
using System.Text;
using OrleansCdn.Bgp.Transport;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Testing;

namespace OrleansCdn.Bgp.Tests.Transport;

/// <summary>TCP-MD5 (RFC 2385) and GTSM (RFC 5082), as the kernel does them.</summary>
public sealed class SessionProtectionTests
{
    private static readonly IPAddress Here = IPAddress.Parse("127.0.0.1");

    [Theory]
    [InlineData("127.0.0.2", "127.0.0.1")]
    [InlineData("::1", "::1")]
    public async Task With_the_same_password_there_is_a_session(string there, string here)
    {
        await using var listener = SessionListener.Open(new IPEndPoint(IPAddress.Parse(there), 0), TimeProvider.System);
        await using var passive = TestSession.Passive(new TcpPeer { Remote = new IPEndPoint(IPAddress.Parse(here), 179), ReadPassword = Password("a secret") });
        listener.Add(passive.Runner);
        passive.Runner.Start();
        await using var active = TestSession.Active(new TcpPeer { Remote = listener.Local, Source = IPAddress.Parse(here), ReadPassword = Password("a secret") });
        active.Runner.Start();
        await active.UntilAsync(BgpState.Established);
        await passive.UntilAsync(BgpState.Established);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("another")]
    public async Task Without_it_nothing_is_heard(string? password)
    {
        await using var listener = SessionListener.Open(new IPEndPoint(IPAddress.Parse("127.0.0.2"), 0), TimeProvider.System);
        await using var passive = TestSession.Passive(new TcpPeer { Remote = new IPEndPoint(Here, 179), ReadPassword = Password("a secret") });
        listener.Add(passive.Runner);
        passive.Runner.Start();
        await using var active = TestSession.Active(new TcpPeer { Remote = listener.Local, Source = Here, ReadPassword = password is null ? null : Password(password) });
        active.Runner.Start();
        await active.UntilErrorAsync("connect: no answer"); // The kernel drops what is not signed right, without a word.
        Assert.Equal(0, passive.Observe().Counters.MessagesIn + passive.Observe().Counters.MessagesOut);
    }

    [Fact]
    public void The_kernels_structure_is_laid_out_as_linux_tcp_h_has_it()
    {
        byte[] option = TcpMd5.Option(IPAddress.Parse("192.0.2.7"), "pw"u8);
        Assert.Equal(216, option.Length);
        Assert.Equal([2, 0, 0, 0, 192, 0, 2, 7], option[..8]); // AF_INET, port, address
        Assert.Equal([0, 0, 2, 0, 0, 0, 0, 0, (byte)'p', (byte)'w', 0], option[128..139]);
        Assert.Equal([10, 0], TcpMd5.Option(IPAddress.Parse("2001:db8::7"), "pw"u8)[..2]); // AF_INET6
        Assert.Throws<ArgumentException>(() => TcpMd5.Option(Here, new byte[81]));
        Assert.Equal(80, TcpMd5.MaxPasswordLength);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public async Task With_ttl_security_only_a_neighbour_on_the_link_is_heard(string address)
    {
        using Socket listener = RawBgpPeer.Listen(address);
        listener.Ttl = 255; // Of its SYN-ACK.
        await using var session = TestSession.Active(new TcpPeer { Remote = (IPEndPoint)listener.LocalEndPoint!, TtlSecurity = true });
        session.Runner.Start();
        using RawBgpPeer peer = await RawBgpPeer.AcceptAsync(listener);
        peer.Socket.Ttl = 254; // As from one router further.
        await peer.SendAsync(RawBgpPeer.Open, RawBgpPeer.OpenBody(TestSession.PeerAsn, 90, 1));
        _ = await peer.ReadAsync(RawBgpPeer.Open);
        Task<byte[]> answer = peer.ReadAsync(RawBgpPeer.Keepalive);
        await Assert.ThrowsAsync<TimeoutException>(() => answer.WaitAsync(TimeSpan.FromMilliseconds(500), TimeProvider.System));
        Assert.Equal(BgpState.OpenSent, session.Runner.State);

        peer.Socket.Ttl = 255; // TCP sends it again.
        _ = await answer;
        await peer.SendAsync(RawBgpPeer.Keepalive);
        await session.UntilAsync(BgpState.Established);
    }

    [Fact]
    public async Task A_neighbour_whose_end_is_not_heard_is_given_up_before_its_open()
    {
        using Socket listener = RawBgpPeer.Listen("127.0.0.1");
        listener.Ttl = 255;
        await using var session = TestSession.Active(new TcpPeer { Remote = (IPEndPoint)listener.LocalEndPoint!, TtlSecurity = true }, holdSeconds: 3);
        session.Runner.Start();
        using (RawBgpPeer peer = await RawBgpPeer.AcceptAsync(listener))
        {
            _ = await peer.ReadAsync(RawBgpPeer.Open);
            peer.Socket.Ttl = 64; // Of its FIN, and of all that the kernel says for a process that is gone.
        }

        await session.UntilErrorAsync("timed out");
        using RawBgpPeer again = await RawBgpPeer.AcceptAsync(listener);
    }

    [Fact]
    public async Task Both_sides_with_ttl_security_find_each_other()
    {
        await using var listener = SessionListener.Open(new IPEndPoint(IPAddress.Parse("127.0.0.2"), 0), TimeProvider.System);
        await using var passive = TestSession.Passive(new TcpPeer { Remote = new IPEndPoint(Here, 179), TtlSecurity = true });
        listener.Add(passive.Runner);
        passive.Runner.Start();
        await using var active = TestSession.Active(new TcpPeer { Remote = listener.Local, Source = Here, TtlSecurity = true });
        active.Runner.Start();
        await active.UntilAsync(BgpState.Established);

        // From far away the handshake is all that a stranger gets: what it says is not heard.
        await using var far = TestSession.Active(new TcpPeer { Remote = listener.Local, Source = IPAddress.Parse("127.0.0.3"), Hops = 64 });
        await using var farPassive = TestSession.Passive(new TcpPeer { Remote = new IPEndPoint(IPAddress.Parse("127.0.0.3"), 179), TtlSecurity = true });
        listener.Add(farPassive.Runner);
        farPassive.Runner.Start();
        far.Runner.Start();
        await far.UntilAsync(BgpState.OpenConfirm);
        await farPassive.UntilAsync(BgpState.OpenSent);
        await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System);
        Assert.Equal(0, farPassive.Observe().Counters.MessagesIn);
    }

    [Theory]
    [InlineData(1, false, 1)]
    [InlineData(2, false, 2)]
    [InlineData(1, true, 255)]
    public void Packets_carry_the_ttl_that_the_session_asks_for(int hops, bool ttlSecurity, int ttl)
    {
        var peer = new TcpPeer { Remote = new IPEndPoint(Here, 179), Hops = hops, TtlSecurity = ttlSecurity };
        using Socket socket = RawBgpPeer.Bind();
        SocketOptions.Apply(socket, peer, TimeSpan.FromSeconds(90));
        Assert.Equal(ttl, socket.Ttl);
        Assert.True(socket.NoDelay);
        Span<byte> value = stackalloc byte[4];
        _ = socket.GetRawSocketOption(6, 18, value); // TCP_USER_TIMEOUT
        Assert.Equal(20_000, BitConverter.ToInt32(value));
        SocketOptions.Opened(socket, TimeSpan.FromSeconds(90));
        _ = socket.GetRawSocketOption(6, 18, value);
        Assert.Equal(90_000, BitConverter.ToInt32(value));
        _ = socket.GetRawSocketOption(0, 1, value); // IP_TOS
        Assert.Equal(0xc0, BitConverter.ToInt32(value));
    }

    private static Func<byte[]> Password(string text) => () => Encoding.ASCII.GetBytes(text);
}
