using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Connections;
using OrleansCdn.Edge.Hosting.Transport;

namespace OrleansCdn.Edge.Tests.Hosting;

/// <summary>The output that sends straight to a socket, between two real ones.</summary>
public sealed class SocketOutputTests : IDisposable
{
    private readonly Socket _near;
    private readonly Socket _far;
    private readonly Pipe _transport = new();
    private readonly AbortedConnection _connection = new();
    private readonly SocketOutput _output;

    public SocketOutputTests()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        _near = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        _near.Connect(listener.LocalEndPoint!);
        _far = listener.Accept();
        _output = new SocketOutput(_near, _connection, _transport.Writer);
    }

    public void Dispose()
    {
        _near.Dispose();
        _far.Dispose();
    }

    [Fact]
    public async Task What_is_written_copied_and_lent_arrives_in_that_order()
    {
        using var sent = new MemoryStream();
        const int Seed = 20261124;
        var random = new Random(Seed);
        Task<byte[]> received = ReceiveAsync();
        for (int i = 0; i < 2000; i++)
        {
            byte[] bytes = new byte[random.Next(1, random.Next(10) == 0 ? 200_000 : 500)];
            random.NextBytes(bytes);
            sent.Write(bytes);
            switch (random.Next(3))
            {
                case 0:
                    _output.Write(bytes);
                    break;
                case 1:
                    _output.Lend(bytes);
                    Memory<byte> lent = _output.GetMemory(bytes.Length);
                    Assert.True(lent.Span.Overlaps(bytes), $"seed {Seed}, step {i}");
                    _output.Advance(bytes.Length);
                    break;
                default:
                    Assert.False((await _output.WriteAsync(bytes)).IsCompleted, $"seed {Seed}, step {i}");
                    Assert.Equal(0, _output.UnflushedBytes);
                    break;
            }

            if (random.Next(3) == 0)
            {
                Assert.False((await _output.FlushAsync()).IsCompleted, $"seed {Seed}, step {i}");
            }
        }

        await _output.FlushAsync();
        _near.Shutdown(SocketShutdown.Send);
        byte[] arrived = await received;
        Assert.True(sent.ToArray().AsSpan().SequenceEqual(arrived), $"seed {Seed}");
    }

    [Fact]
    public void What_is_lent_is_given_out_once_and_only_to_who_asks_for_as_much()
    {
        byte[] stored = new byte[5000];
        _output.Lend(stored);
        Assert.False(_output.GetMemory(4999).Span.Overlaps(stored));
        Assert.False(_output.GetMemory(5000).Span.Overlaps(stored));

        _output.Lend(stored);
        Assert.True(_output.GetMemory(5000).Span.Overlaps(stored));
        Memory<byte> next = _output.GetMemory(5000);
        Assert.False(next.Span.Overlaps(stored));
        next.Span.Fill(7);
        _output.Advance(5000);
        Assert.DoesNotContain((byte)7, stored);
    }

    [Fact]
    public async Task A_flush_waits_for_a_reader_that_does_not_read()
    {
        byte[] bytes = RandomNumberGenerator.GetBytes(16 * 1024 * 1024);
        _output.Lend(bytes);
        _output.GetMemory(bytes.Length);
        _output.Advance(bytes.Length);
        Task<FlushResult> flush = _output.FlushAsync().AsTask();
        Assert.False(flush.IsCompleted);

        // Completed meanwhile: the transport is told only after the last byte is on its way.
        _output.Complete();
        Assert.False(_transport.Reader.TryRead(out _));
        Task<byte[]> received = ReceiveAsync();
        Assert.True((await flush).IsCompleted);
        Assert.True((await _transport.Reader.ReadAsync()).IsCompleted);
        _near.Shutdown(SocketShutdown.Send);
        byte[] arrived = await received;
        Assert.True(bytes.AsSpan().SequenceEqual(arrived));
    }

    [Fact]
    public async Task What_was_not_flushed_is_sent_before_the_end()
    {
        _output.Write("bye"u8);
        _output.Complete();
        Assert.True((await _transport.Reader.ReadAsync()).IsCompleted);
        _near.Shutdown(SocketShutdown.Send);
        Assert.Equal("bye", Encoding.ASCII.GetString(await ReceiveAsync()));
    }

    [Fact]
    public async Task A_peer_that_resets_ends_the_flush_and_the_connection()
    {
        byte[] bytes = new byte[16 * 1024 * 1024];
        Task<FlushResult> flush = _output.WriteAsync(bytes).AsTask();
        _far.LingerState = new LingerOption(true, 0);
        _far.Close();
        Assert.True((await flush).IsCompleted);
        Assert.NotNull(_connection.Reason);

        _output.Write("more"u8);
        Assert.True((await _output.FlushAsync()).IsCompleted);
        Assert.Equal(0, _output.UnflushedBytes);
    }

    [Fact]
    public async Task A_socket_that_is_closed_here_ends_the_flush()
    {
        Task<FlushResult> flush = _output.WriteAsync(new byte[16 * 1024 * 1024]).AsTask();
        Assert.False(flush.IsCompleted);
        _near.Dispose();
        Assert.True((await flush).IsCompleted);
    }

    private async Task<byte[]> ReceiveAsync()
    {
        using var received = new MemoryStream();
        await using var stream = new NetworkStream(_far);
        await stream.CopyToAsync(received);
        return received.ToArray();
    }

    private sealed class AbortedConnection : DefaultConnectionContext
    {
        public ConnectionAbortedException? Reason { get; private set; }

        public override void Abort(ConnectionAbortedException abortReason) => Reason = abortReason;
    }
}
