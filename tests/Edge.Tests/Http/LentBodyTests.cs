using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using OrleansCdn.Edge.Tests.Attacks;

namespace OrleansCdn.Edge.Tests.Http;

/// <summary>Bodies that go from the store to the socket without a copy come out as they are, and stay as they are.</summary>
public class LentBodyTests
{
    private static readonly byte[] Large = RandomNumberGenerator.GetBytes(700_001);
    private static readonly byte[] Small = RandomNumberGenerator.GetBytes(321);

    [Fact]
    public async Task Requests_in_a_row_on_one_connection_get_their_bodies_whole()
    {
        await using TestOrigin origin = await OriginAsync();
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        using RawConnection connection = await RawConnection.OpenAsync(edge);
        string[] asked =
        [
            "GET /large", "GET /small", "HEAD /large", "GET /large", "GET /large range 5-699990", "GET /small", "GET /large range -100000", "GET /large",
        ];
        for (int round = 0; round < 3; round++)
        {
            await connection.SendAsync(string.Concat(asked.Select(Request)));
            foreach (string one in asked)
            {
                if (one.StartsWith("HEAD", StringComparison.Ordinal))
                {
                    await connection.ReadHeadAsync();
                    continue;
                }

                (_, string body) = await connection.ReadAsync();
                Assert.True(Expected(one).AsSpan().SequenceEqual(Encoding.Latin1.GetBytes(body)), $"round {round}: {one}");
            }
        }
    }

    [Fact]
    public async Task A_chunked_body_is_not_written_into_the_store()
    {
        await using TestOrigin origin = await OriginAsync();
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ =>
            AssertLarge(await GetAsync(edge, "/unknown-length"))));
        AssertLarge(await GetAsync(edge, "/unknown-length"));
        string old = await RawConnection.UntilClosedAsync(edge, $"GET /unknown-length HTTP/1.0\r\nHost: {TestEdge.Host}\r\n\r\n");
        AssertLarge(Encoding.Latin1.GetBytes(old[(old.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..]));
    }

    [Fact]
    public async Task Visitors_who_leave_in_the_middle_take_nothing_from_the_others()
    {
        await using TestOrigin origin = await OriginAsync();
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        await GetAsync(edge, "/large");
        Task leaving = Task.WhenAll(Enumerable.Range(0, 100).Select(async i =>
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPEndPoint.Parse(new Uri(edge.PublicUrl).Authority));
            client.LingerState = new LingerOption(true, 0);
            await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(Request("GET /large")));
            await client.GetStream().ReadExactlyAsync(new byte[1 + (i * 5000)]);
        }));
        for (int i = 0; i < 50; i++)
        {
            AssertLarge(await GetAsync(edge, "/large"));
        }

        await leaving;
        AssertLarge(await GetAsync(edge, "/large"));
        Assert.Single(origin.Requests);
    }

    private static async Task<byte[]> GetAsync(TestEdge edge, string target)
    {
        using HttpResponseMessage response = await edge.GetAsync(target);
        return await response.Content.ReadAsByteArrayAsync();
    }

    private static void AssertLarge(byte[] body) => Assert.True(Large.AsSpan().SequenceEqual(body));

    private static string Request(string asked)
    {
        string[] words = asked.Split(' ');
        string range = words.Length > 3 ? $"Range: bytes={words[3]}\r\n" : "";
        return $"{words[0]} {words[1]} HTTP/1.1\r\nHost: {TestEdge.Host}\r\n{range}\r\n";
    }

    private static byte[] Expected(string asked) => asked switch
    {
        "GET /small" => Small,
        "GET /large" => Large,
        "GET /large range 5-699990" => Large[5..699_991],
        "GET /large range -100000" => Large[^100_000..],
        _ => [],
    };

    private static Task<TestOrigin> OriginAsync() => TestOrigin.StartAsync(async context =>
    {
        byte[] body = context.Request.Path == "/small" ? Small : Large;
        context.Response.Headers.CacheControl = "max-age=600";
        context.Response.ContentLength = context.Request.Path == "/unknown-length" ? null : body.Length;
        await context.Response.Body.WriteAsync(body);
    });
}
