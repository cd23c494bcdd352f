using System.Net;
using OrleansCdn.Bgp.Transport;

namespace OrleansCdn.Bgp.Tests.Transport;

public sealed class NextHopTests
{
    private static readonly IPNetwork Own = IPNetwork.Parse("2a0f:b240:1000::/48");

    [Theory]

    // The session's own address; of the other family the interface's first that is neither link-local nor one's own prefix.
    [InlineData("198.51.100.7", "fe80::1 2a0f:b240:1000::1 2001:db8::7 2001:db8::8", "198.51.100.7", "2001:db8::7")]
    [InlineData("2001:db8::7", "10.0.0.7 fe80::1", "10.0.0.7", "2001:db8::7")]

    // Nothing there that a neighbour could send to.
    [InlineData("198.51.100.7", "fe80::1 2a0f:b240:1000::1", "198.51.100.7", null)]
    [InlineData("fe80::7", "169.254.1.1 127.0.0.1", null, null)]
    [InlineData("fe80::7", "2001:db8::7", null, "2001:db8::7")]

    // Loopback, for loopback alone.
    [InlineData("127.0.0.3", "127.0.0.1 ::1", "127.0.0.3", "::1")]
    [InlineData("198.51.100.7", "::1", "198.51.100.7", null)]
    public void They_are_addresses_that_the_neighbour_can_send_to(string local, string interfaceAddresses, string? ipv4, string? ipv6)
    {
        var hops = NextHops.Choose(IPAddress.Parse(local), interfaceAddresses.Split(' ').Select(IPAddress.Parse), Peer, [Own]);
        Assert.Equal((ipv4, ipv6), (hops.Ipv4?.ToString(), hops.Ipv6?.ToString()));
    }

    [Fact]
    public void What_the_operator_names_comes_first()
    {
        TcpPeer peer = Peer with { NextHopIpv4 = IPAddress.Parse("203.0.113.1"), NextHopIpv6 = IPAddress.Parse("2001:db8::1") };
        var hops = NextHops.Choose(IPAddress.Parse("198.51.100.7"), [IPAddress.Parse("2001:db8::7")], peer, []);
        Assert.Equal((peer.NextHopIpv4, peer.NextHopIpv6), (hops.Ipv4, hops.Ipv6));
    }

    [Fact]
    public void The_interface_is_the_one_with_the_address() =>
        Assert.Contains(IPAddress.IPv6Loopback, NextHops.OfInterface(IPAddress.Parse("127.0.0.9")));

    private static TcpPeer Peer => new() { Remote = IPEndPoint.Parse("192.0.2.1:179") };
}
