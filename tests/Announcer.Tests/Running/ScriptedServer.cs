using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace OrleansCdn.Announcer.Tests.Running;

/// <summary>A server on loopback that does with each connection what a test says.</summary>
internal sealed class ScriptedServer : IDisposable
{
    private readonly TcpListener _listener;
    private readonly Func<Stream, string, Task> _script;
    private readonly X509Certificate2? _certificate;
    private int _connections;

    /// <param name="script">Given the stream and the head of the request.</param>
    /// <param name="certificate">Null: without TLS.</param>
    /// <param name="address">Null: 127.0.0.1.</param>
    public ScriptedServer(Func<Stream, string, Task> script, X509Certificate2? certificate = null, IPAddress? address = null)
    {
        (_script, _certificate) = (script, certificate);
        _listener = new TcpListener(address ?? IPAddress.Loopback, 0);
        _listener.Start();
        _ = AcceptAsync();
    }

    public IPEndPoint At => (IPEndPoint)_listener.LocalEndpoint;

    public int Connections => Volatile.Read(ref _connections);

    /// <summary>The same answer to everybody.</summary>
    public static ScriptedServer Saying(string answer, X509Certificate2? certificate = null) =>
        new((stream, _) => stream.WriteAsync(Encoding.Latin1.GetBytes(answer)).AsTask(), certificate);

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptSocketAsync());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        Interlocked.Increment(ref _connections);
        try
        {
            await using Stream plain = new NetworkStream(socket, ownsSocket: true);
            Stream stream = plain;
            if (_certificate is not null)
            {
                SslStream tls = new(plain);
                await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate });
                stream = tls;
            }

            await _script(stream, await ReadHeadAsync(stream));
            await stream.DisposeAsync();
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or System.Security.Authentication.AuthenticationException)
        {
            // The other side has gone, which is what some tests are about.
        }
    }

    /// <summary>To its empty line, or what came first where it is no head at all (a ClientHello begins with 0x16).</summary>
    private static async Task<string> ReadHeadAsync(Stream stream)
    {
        StringBuilder head = new();
        byte[] buffer = new byte[4096];
        while (!head.ToString().Contains("\r\n\r\n", StringComparison.Ordinal) && !(head.Length > 0 && head[0] == '\x16')
            && await stream.ReadAsync(buffer) is > 0 and var read)
        {
            head.Append(Encoding.Latin1.GetString(buffer, 0, read));
        }

        return head.ToString();
    }
}
