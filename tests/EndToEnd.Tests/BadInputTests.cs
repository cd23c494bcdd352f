using System.Net;
using System.Net.Sockets;
using OrleansCdn.Cli.Lab;
using OrleansCdn.EndToEnd.Tests.Running;
using Xunit.Abstractions;

namespace OrleansCdn.EndToEnd.Tests;

[Collection(SharedLabCollection.Name)]
public sealed class BadInputTests(SharedLab shared, ITestOutputHelper output)
{
    private const int Seed = 20261122;

    private RunningLab Lab => shared.Lab;

    [Fact]
    public Task An_unknown_host_gets_421() => Lab.RunAsync(output, async () =>
    {
        foreach (string pop in TestNetwork.Pops)
        {
            using HttpResponseMessage answer = await Lab.GetAsync(pop, "nobody.test", "/");
            Assert.Equal(HttpStatusCode.MisdirectedRequest, answer.StatusCode);
        }
    });

    [Fact]
    public Task A_dead_origin_gets_502_or_504_and_cache_status_says_so() => Lab.RunAsync(output, async () =>
    {
        string yaml = (await Lab.CdnAsync("config", "show")).Expect(0).Out;
        long version = (await Lab.StatusAsync()).GetProperty("configVersion").GetInt64();
        string file = Path.Combine(Lab.Data, "dead.yaml");
        await File.WriteAllTextAsync(file, WithSite(yaml, """
              dead:
                hosts: [dead.test]
                origins: [ { url: "http://127.0.0.1:1", allow-private: true } ]

            """));
        (await Lab.CdnAsync("apply", file, "--yes", "--why", "a site whose origin is down")).Expect(0);
        try
        {
            foreach (string pop in TestNetwork.Pops)
            {
                await Wait.UntilAsync("the config is at " + pop, async () => (await StatusAtAsync(pop)) != HttpStatusCode.MisdirectedRequest);
                using HttpResponseMessage answer = await Lab.GetAsync(pop, "dead.test", "/");
                Assert.Contains(answer.StatusCode, (HttpStatusCode[])[HttpStatusCode.BadGateway, HttpStatusCode.GatewayTimeout]);
                string status = string.Join(", ", answer.Headers.GetValues("Cache-Status"));
                Assert.Contains(pop, status, StringComparison.Ordinal);
                Assert.Contains("fwd=", status, StringComparison.Ordinal);
                Assert.Contains("detail=", status, StringComparison.Ordinal);
                output.WriteLine(status);
            }
        }
        finally
        {
            (await Lab.CdnAsync("config", "rollback", $"{version}", "--yes")).Expect(0);
        }
    });

    [Fact]
    public Task A_failing_origin_is_passed_on() => Lab.RunAsync(output, async () =>
    {
        using HttpResponseMessage answer = await Lab.GetAsync("waw", TestNetwork.PopHost, "/fail?status=503");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
    });

    [Fact]
    public Task Garbage_on_any_port_harms_nothing() => Lab.RunAsync(output, async () =>
    {
        ReadyState before = Lab.Ready;
        int api = new Uri(before.Api).Port;
        int[] ports =
        [
            api,
            api + 1,
            .. before.Pops.Values.SelectMany(p => new[] { PortOf(p.Http!), PortOf(p.Https!), PortOf(p.Http!) + 2, new Uri(p.Admin).Port }),
        ];
        output.WriteLine($"seed {Seed}");
        var random = new Random(Seed);
        foreach (int port in ports)
        {
            foreach (byte[] garbage in Garbage(random))
            {
                await SendAsync(port, garbage);
            }
        }

        foreach (string pop in TestNetwork.Pops)
        {
            Assert.Contains("It works", await Lab.TextAsync(pop, TestNetwork.PopHost, "/pages/3"), StringComparison.Ordinal);
        }

        (await Lab.CdnAsync("purge", "--site", "pop", "--tag", "page-3", "--wait")).Expect(0);
        Assert.Equal(before.SiloPid, Lab.Ready.SiloPid);
        Assert.Equal(before.Pops.Values.Select(p => p.EdgePid), Lab.Ready.Pops.Values.Select(p => p.EdgePid));
        Assert.All(Lab.AllPids(), pid => Assert.True(Processes.IsAlive(pid)));
    });

    [Fact]
    public Task The_api_answers_nobody_without_a_token() => Lab.RunAsync(output, async () =>
    {
        CdnRun run = await CdnRun.OfAsync("status", "--api", Lab.Ready.Api, "--token", "wrong");
        run.Expect(1);
        Assert.Contains("--token", run.Error, StringComparison.Ordinal);
    });

    private async Task<HttpStatusCode> StatusAtAsync(string pop)
    {
        using HttpResponseMessage answer = await Lab.GetAsync(pop, "dead.test", "/");
        return answer.StatusCode;
    }

    private static string WithSite(string yaml, string site)
    {
        int at = yaml.IndexOf("\nsites:", StringComparison.Ordinal);
        int line = yaml.IndexOf('\n', at + 1) + 1;
        return yaml[..line] + site + yaml[line..];
    }

    private static int PortOf(string address) => IPEndPoint.Parse(address).Port;

    private static IEnumerable<byte[]> Garbage(Random random)
    {
        yield return [];
        yield return "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"u8.ToArray();
        yield return "GET / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"u8.ToArray();
        yield return "POST /feed/v1/edge HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999999\r\n\r\n{\"type\":"u8.ToArray();
        yield return "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0\u00ff\u00ff\u00ff\u0009"u8.ToArray();
        yield return [.. "GET /"u8, .. Enumerable.Repeat((byte)'a', 100_000), .. " HTTP/1.1\r\n\r\n"u8];
        foreach (int length in (int[])[1, 17, 1000, 60_000])
        {
            var bytes = new byte[length];
            random.NextBytes(bytes);
            yield return bytes;
        }
    }

    /// <summary>Sends, says that nothing more comes, and reads whatever is answered until the other side closes.</summary>
    private static async Task SendAsync(int port, byte[] bytes)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        NetworkStream stream = client.GetStream();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2), TimeProvider.System);
        try
        {
            await stream.WriteAsync(bytes, limit.Token);
            client.Client.Shutdown(SocketShutdown.Send);
            var answer = new byte[4096];
            while (await stream.ReadAsync(answer, limit.Token) > 0)
            {
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or SocketException)
        {
            // A reset, or no answer: both are fine for garbage.
        }
    }
}
