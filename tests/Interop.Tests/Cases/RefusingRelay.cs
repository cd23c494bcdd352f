using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using OrleansCdn.Bgp.Wire;
using OrleansCdn.Interop.Tests.Network;

namespace OrleansCdn.Interop.Tests.Cases;

/// <summary>Answers an OPEN with one certain capability by NOTIFICATION 2/7 that names it; a connection without goes through to the peer.</summary>
internal sealed class RefusingRelay : IAsyncDisposable
{
    private readonly string _network;
    private readonly IPEndPoint _peer;
    private readonly Capability _refused;
    private readonly Socket _listener;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _run;
    private int _count;

    public RefusingRelay(string network, IPEndPoint address, IPEndPoint peer, Capability refused)
    {
        _network = network;
        _peer = peer;
        _refused = refused;
        Address = address;
        _listener = NamespaceSocket.Create(network, address.AddressFamily);
        _listener.Bind(address);
        _listener.Listen();
        _run = RunAsync();
    }

    public IPEndPoint Address { get; }

    /// <summary>Connections that were refused.</summary>
    public int Refused => Volatile.Read(ref _count);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _listener.Dispose();
        _end.Dispose();
    }

    /// <summary>One connection after the other: a session has no more.</summary>
    private async Task RunAsync()
    {
        while (true)
        {
            using Socket near = await _listener.AcceptAsync(_end.Token);
            try
            {
                await ServeAsync(near);
            }
            catch (Exception e) when (e is SocketException or IOException)
            {
                // Either side has gone; the announcer comes again.
            }
        }
    }

    private async Task ServeAsync(Socket near)
    {
        await using var announcer = new NetworkStream(near);
        byte[] open = new byte[BgpWire.MaxMessageLength];
        await announcer.ReadExactlyAsync(open.AsMemory(0, BgpWire.HeaderLength), _end.Token);
        int length = BinaryPrimitives.ReadUInt16BigEndian(open.AsSpan(16));
        await announcer.ReadExactlyAsync(open.AsMemory(BgpWire.HeaderLength, length - BgpWire.HeaderLength), _end.Token);
        if (OpenCodec.Read(open.AsSpan(BgpWire.HeaderLength, length - BgpWire.HeaderLength)).Open is { } read && read.Has(_refused.Code))
        {
            _ = Interlocked.Increment(ref _count);
            await announcer.WriteAsync(new BgpNotification(NotificationCode.OpenMessage, 7, OpenCodec.CapabilityData(_refused)).ToMessage(), _end.Token);
            return;
        }

        using Socket far = NamespaceSocket.Create(_network, _peer.AddressFamily);
        await far.ConnectAsync(_peer, _end.Token);
        await using var peer = new NetworkStream(far);
        await peer.WriteAsync(open.AsMemory(0, length), _end.Token);

        // When one way ends the streams are disposed, which ends the other.
        _ = await Task.WhenAny(announcer.CopyToAsync(peer, _end.Token), peer.CopyToAsync(announcer, _end.Token));
    }
}
