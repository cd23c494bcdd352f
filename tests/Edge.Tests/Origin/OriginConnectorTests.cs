using System.Net;
using System.Net.Sockets;
using OrleansCdn.Edge.Origin;

namespace OrleansCdn.Edge.Tests.Origin;

/// <summary>Names with several addresses, over real sockets; 127.0.0.x are as many hosts as one likes.</summary>
public sealed class OriginConnectorTests
{
    /// <summary>TEST-NET-1 (RFC 5737): nothing answers there.</summary>
    private static readonly IPAddress Silent = IPAddress.Parse("192.0.2.1");

    [Fact]
    public async Task Addresses_that_refuse_are_passed_over()
    {
        using var listener = new TcpListener(IPAddress.Parse("127.0.0.3"), 0);
        listener.Start();
        await using Stream stream = await Connector("127.0.0.1", "127.0.0.2", "127.0.0.3")
            .ConnectAsync("origin.example.net", Port(listener), allowPrivate: true, CancellationToken.None);
        using Socket accepted = await listener.AcceptSocketAsync();
        Assert.True(accepted.Connected);
    }

    [Fact]
    public async Task An_address_that_says_nothing_costs_a_head_start_and_no_more()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await using Stream stream = await new OriginConnector((_, _) => Task.FromResult(new[] { Silent, IPAddress.Loopback }), TimeProvider.System)
            .ConnectAsync("origin.example.net", Port(listener), allowPrivate: true, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30));
        Assert.True(stream.CanRead);
    }

    [Fact]
    public async Task The_families_are_tried_in_turn()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        string[] sixes = [.. Enumerable.Range(1, 40).Select(i => $"2001:db8::{i:x}")];

        // Behind forty addresses of the other family it would be past the sixteen that are tried.
        await using Stream stream = await Connector([.. sixes, "127.0.0.1"])
            .ConnectAsync("origin.example.net", Port(listener), allowPrivate: true, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30));
        Assert.True(stream.CanRead);
    }

    [Fact]
    public async Task Every_address_is_looked_at_before_it_is_connected_to()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        AddressNotAllowedException refused = await Assert.ThrowsAsync<AddressNotAllowedException>(() =>
            Connector("127.0.0.1", "10.0.0.1", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "169.254.169.254")
                .ConnectAsync("origin.example.net", Port(listener), allowPrivate: false, CancellationToken.None));
        Assert.Contains("allow-private", refused.Message, StringComparison.Ordinal);
        Assert.False(listener.Pending());
    }

    [Fact]
    public async Task Why_the_last_one_failed_is_said()
    {
        int free;
        using (var listener = new TcpListener(IPAddress.Loopback, 0))
        {
            listener.Start();
            free = Port(listener);
        }

        SocketException refused = await Assert.ThrowsAsync<SocketException>(() =>
            Connector("127.0.0.1", "127.0.0.2").ConnectAsync("origin.example.net", free, allowPrivate: true, CancellationToken.None));
        Assert.Equal(SocketError.ConnectionRefused, refused.SocketErrorCode);
        SocketException none = await Assert.ThrowsAsync<SocketException>(() =>
            Connector().ConnectAsync("origin.example.net", free, allowPrivate: true, CancellationToken.None));
        Assert.Equal(SocketError.HostNotFound, none.SocketErrorCode);
    }

    [Fact]
    public async Task A_name_is_resolved_anew_for_each_connection()
    {
        using var first = new TcpListener(IPAddress.Parse("127.0.0.1"), 0);
        first.Start();
        int port = Port(first);
        using var second = new TcpListener(IPAddress.Parse("127.0.0.2"), port);
        second.Start();
        string address = "127.0.0.1";
        var connector = new OriginConnector((_, _) => Task.FromResult(new[] { IPAddress.Parse(address) }), TimeProvider.System);
        await using Stream before = await connector.ConnectAsync("origin.example.net", port, allowPrivate: true, CancellationToken.None);
        address = "127.0.0.2";
        await using Stream after = await connector.ConnectAsync("origin.example.net", port, allowPrivate: true, CancellationToken.None);
        using Socket accepted = await second.AcceptSocketAsync();
        Assert.True(accepted.Connected);
    }

    private static OriginConnector Connector(params string[] addresses) =>
        new((_, _) => Task.FromResult(addresses.Select(IPAddress.Parse).ToArray()), TimeProvider.System);

    private static int Port(TcpListener listener) => ((IPEndPoint)listener.LocalEndpoint).Port;
}
