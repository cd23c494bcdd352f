using System.Net;
using System.Net.Sockets;
using System.Text;

namespace OrleansCdn.Edge.Tests.Http;

/// <summary>An origin that answers every connection with the same bytes, right or wrong, and then hangs up.</summary>
internal sealed class RawOrigin : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _server;

    /// <param name="bytes">Latin-1.</param>
    /// <param name="endless">Sent again and again after them, until the other side hangs up; null: nothing.</param>
    public RawOrigin(string bytes, string? endless = null)
    {
        _listener.Start();
        _server = ServeAsync(Encoding.Latin1.GetBytes(bytes), endless is null ? null : Encoding.Latin1.GetBytes(endless));
    }

    public string Url => $"http://{_listener.LocalEndpoint}";

    /// <summary>Connections that have ended.</summary>
    public int Served { get; private set; }

    public long BytesSent { get; private set; }

    private async Task ServeAsync(byte[] bytes, byte[]? endless)
    {
        byte[] request = new byte[16 * 1024];
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                using TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);
                NetworkStream stream = client.GetStream();
                _ = await stream.ReadAsync(request, _stop.Token);
                await stream.WriteAsync(bytes, _stop.Token);
                while (endless is not null)
                {
                    await stream.WriteAsync(endless, _stop.Token);
                    BytesSent += endless.Length;
                }
            }
            catch (Exception error) when (error is IOException or OperationCanceledException or SocketException)
            {
            }

            Served++;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _server;
        _listener.Dispose();
        _stop.Dispose();
    }
}
