using System.Net;
using System.Net.Sockets;
using System.Text;

namespace OrleansCdn.Edge.Tests.Attacks;

/// <summary>A hostile origin: answers its first connection with the first bytes, the next with the next, all others with the last; then hangs up.</summary>
internal sealed class ScriptedOrigin : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _server;
    private int _asked;
    private int _left;

    /// <param name="answers">Latin-1.</param>
    public ScriptedOrigin(params string[] answers)
    {
        _listener.Start();
        _server = ServeAsync(answers);
    }

    public string Yaml => $"url: \"http://{_listener.LocalEndpoint}\", allow-private: true";

    public int Asked => Volatile.Read(ref _asked);

    /// <summary>False: after its bytes it says nothing more, and keeps the connection.</summary>
    public bool HangsUp { get; init; } = true;

    /// <summary>Connections on which the edge has hung up.</summary>
    public int Left => Volatile.Read(ref _left);

    private async Task ServeAsync(string[] answers)
    {
        byte[] request = new byte[64 * 1024];
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                using TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);
                NetworkStream stream = client.GetStream();
                if (await stream.ReadAsync(request, _stop.Token) == 0)
                {
                    continue;
                }

                string answer = answers[Math.Min(Interlocked.Increment(ref _asked), answers.Length) - 1];
                await stream.WriteAsync(Encoding.Latin1.GetBytes(answer), _stop.Token);
                if (HangsUp)
                {
                    client.Client.Shutdown(SocketShutdown.Send);
                }

                while (await stream.ReadAsync(request, _stop.Token) > 0)
                {
                }

                Interlocked.Increment(ref _left);
            }
            catch (Exception error) when (error is IOException or OperationCanceledException or SocketException)
            {
                Interlocked.Increment(ref _left);
            }
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
