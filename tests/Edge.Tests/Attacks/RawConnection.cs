using System.Net;
using System.Net.Sockets;
using System.Text;
using OrleansCdn.Edge.Tests.Http;

namespace OrleansCdn.Edge.Tests.Attacks;

/// <summary>One connection to an edge on which a test says whatever bytes it likes. All text is Latin-1.</summary>
internal sealed class RawConnection : IDisposable
{
    /// <summary>Only a broken program reaches it.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly TcpClient _client = new();
    private NetworkStream _stream = null!;

    public static async Task<RawConnection> OpenAsync(TestEdge edge)
    {
        var connection = new RawConnection();
        await connection._client.ConnectAsync(IPEndPoint.Parse(new Uri(edge.PublicUrl).Authority));
        connection._stream = connection._client.GetStream();
        return connection;
    }

    /// <summary>What the edge says to these bytes until it closes; reading fails after a limit if it does not.</summary>
    public static async Task<string> UntilClosedAsync(TestEdge edge, string bytes)
    {
        using RawConnection connection = await OpenAsync(edge);
        await connection.SendAsync(bytes);
        return await connection.RestAsync();
    }

    public Task SendAsync(string bytes) => _stream.WriteAsync(Encoding.Latin1.GetBytes(bytes)).AsTask();

    /// <summary>A response with <c>Content-Length</c>: its header and its body.</summary>
    public async Task<(string Head, string Body)> ReadAsync()
    {
        using var limit = new CancellationTokenSource(Limit);
        string head = await ReadHeadAsync();
        const string Name = "\r\nContent-Length: ";
        int start = head.IndexOf(Name, StringComparison.OrdinalIgnoreCase);
        Assert.True(start > 0, $"no Content-Length: {head}");
        string length = head[(start + Name.Length)..].Split("\r\n")[0];
        byte[] body = new byte[int.Parse(length, System.Globalization.CultureInfo.InvariantCulture)];
        await _stream.ReadExactlyAsync(body, limit.Token);
        return (head, Encoding.Latin1.GetString(body));
    }

    /// <summary>A response's header; its body, if it has one, is left to be read.</summary>
    public async Task<string> ReadHeadAsync()
    {
        using var limit = new CancellationTokenSource(Limit);
        var head = new StringBuilder();
        byte[] one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            Assert.True(await _stream.ReadAsync(one, limit.Token) == 1, $"closed after: {head}");
            head.Append((char)one[0]);
        }

        return head.ToString();
    }

    /// <summary>All there is until the edge closes or resets.</summary>
    public async Task<string> RestAsync()
    {
        using var limit = new CancellationTokenSource(Limit);
        var text = new StringBuilder();
        byte[] buffer = new byte[64 * 1024];
        try
        {
            int read;
            while ((read = await _stream.ReadAsync(buffer, limit.Token)) > 0)
            {
                text.Append(Encoding.Latin1.GetString(buffer, 0, read));
            }
        }
        catch (IOException)
        {
            // Reset: an end as well.
        }

        return text.ToString();
    }

    public void Dispose() => _client.Dispose();
}
