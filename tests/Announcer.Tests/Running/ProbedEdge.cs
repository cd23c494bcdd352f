using System.Net;
using System.Net.Sockets;
using System.Text;

namespace OrleansCdn.Announcer.Tests.Running;

/// <summary>A health endpoint: 503 until it is told to be well.</summary>
internal sealed class ProbedEdge : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private int _asked;
    private volatile bool _isWell;

    public ProbedEdge()
    {
        _listener.Start();
        _ = ServeAsync();
    }

    public string Url => $"http://{_listener.LocalEndpoint}/health";

    public int Asked => Volatile.Read(ref _asked);

    public bool IsWell
    {
        get => _isWell;
        set => _isWell = value;
    }

    public void Dispose() => _listener.Dispose();

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using Socket socket = await _listener.AcceptSocketAsync();
                byte[] request = new byte[4096];
                _ = await socket.ReceiveAsync(request);
                string status = IsWell ? "200 OK" : "503 Service Unavailable";
                _ = await socket.SendAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"));
                _ = Interlocked.Increment(ref _asked);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }
}
