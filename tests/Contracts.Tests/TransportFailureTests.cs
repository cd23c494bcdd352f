using System.Net;
using System.Net.Sockets;

namespace OrleansCdn.Contracts.Tests;

public sealed class TransportFailureTests
{
    /// <summary>A server that is killed may reset a connection between its handshake and the first byte.</summary>
    [Fact]
    public async Task A_connection_that_is_gone_just_after_it_was_made_is_one()
    {
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using SocketsHttpHandler handler = new()
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(listener.LocalEndPoint!, cancellationToken);
                using (Socket accepted = await listener.AcceptAsync(cancellationToken))
                {
                    accepted.LingerState = new LingerOption(true, 0); // RST
                }

                socket.Poll(Timeout.InfiniteTimeSpan, SelectMode.SelectRead);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        using HttpClient http = new(handler);
        Exception? error = await Record.ExceptionAsync(() => http.GetAsync(new Uri("http://cdn.example/")));
        Assert.NotNull(error);
        Assert.True(TransportFailure.Is(error), $"{error}");
    }

    [Fact]
    public void What_says_nothing_of_the_other_side_is_none()
    {
        Assert.False(TransportFailure.Is(new InvalidOperationException()));
        Assert.False(TransportFailure.Is(new OperationCanceledException()));
    }
}
