using System.Net;
using System.Net.Sockets;
using System.Text;

namespace OrleansCdn.Edge.Tests.Http;

/// <summary>Interim responses (RFC 9110 §15.2) through the edge, over sockets on both sides.</summary>
public sealed class InterimTests
{
    [Theory]
    [InlineData("max-age=60")]
    [InlineData("no-store")]
    public async Task Early_hints_reach_the_visitor_before_the_final_response_and_are_not_stored(string cacheControl)
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Task origin = AnswerAsync(listener, release.Task, cacheControl);
        await using TestEdge edge = await TestEdge.StartAsync($"url: \"http://{listener.LocalEndpoint}\", allow-private: true", "");

        using var visitor = new TcpClient();
        await visitor.ConnectAsync(IPEndPoint.Parse(new Uri(edge.PublicUrl).Authority));
        NetworkStream stream = visitor.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET /page HTTP/1.1\r\nHost: {TestEdge.Host}\r\n\r\n"));

        string hints = await ReadHeadAsync(stream);
        Assert.StartsWith("HTTP/1.1 103 Early Hints\r\n", hints, StringComparison.Ordinal);
        Assert.Contains("Link: </a.css>; rel=preload\r\n", hints, StringComparison.Ordinal);
        Assert.False(release.Task.IsCompleted);

        release.SetResult();
        string final = await ReadHeadAsync(stream);
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", final, StringComparison.Ordinal);
        Assert.DoesNotContain("Link:", final, StringComparison.OrdinalIgnoreCase);
        await stream.ReadExactlyAsync(new byte[2]);
        await origin;

        if (cacheControl != "no-store")
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET /page HTTP/1.1\r\nHost: {TestEdge.Host}\r\n\r\n"));
            string hit = await ReadHeadAsync(stream);
            Assert.StartsWith("HTTP/1.1 200 OK\r\n", hit, StringComparison.Ordinal);
            Assert.Contains("; hit;", hit, StringComparison.Ordinal);
        }
    }

    private static async Task AnswerAsync(TcpListener listener, Task release, string cacheControl)
    {
        using TcpClient client = await listener.AcceptTcpClientAsync();
        NetworkStream stream = client.GetStream();
        await ReadHeadAsync(stream);
        await stream.WriteAsync("HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"u8.ToArray());
        await release;
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nCache-Control: {cacheControl}\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"));
    }

    private static async Task<string> ReadHeadAsync(NetworkStream stream)
    {
        var head = new StringBuilder();
        byte[] one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            Assert.Equal(1, await stream.ReadAsync(one, limit.Token));
            head.Append((char)one[0]);
        }

        return head.ToString();
    }
}
