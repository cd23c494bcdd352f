using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Cache;
using OrleansCdn.Edge.Tests.Http;
using OrleansCdn.Testing;

namespace OrleansCdn.Edge.Tests.Fuzz;

/// <summary>Damaged requests on real connections: answered, refused or dropped, and nothing wrong is left behind for others.</summary>
public sealed class RequestBytesFuzzTests
{
    /// <summary>One of that many of the usual number of cases: each has a connection.</summary>
    private const int Share = 20;

    /// <summary>After that many the store is looked through and emptied.</summary>
    private const int CasesPerStore = 32;

    /// <summary>Silence after which an answer is no longer waited for: the damaged request may have no end.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(100);

    /// <summary>Behind each input: what is complete before it is answered, and the connection closed.</summary>
    private const string Last = "GET /last HTTP/1.1\r\nHost: www.example.net\r\nConnection: close\r\n\r\n";

    private static readonly string[] GoodTargets = ["/a", "/b", "/c?1", "/c", "/part", "/a?b=c&d=%20", "/form", "/last", "/a?x"];

    [Fact]
    public async Task Damaged_requests_leave_nothing_wrong_behind()
    {
        var faults = new FaultLog();
        await using TestOrigin origin = await TestOrigin.StartAsync(TellAsync);
        await using TestEdge edge = await TestEdge.StartAsync(origin, faults: faults);
        int cases = 0;
        await FuzzInput.RunAsync("request", async (text, random) =>
        {
            string answers = await ExchangeAsync(edge, text + Last);
            Assert.True(answers.Length == 0 || answers.StartsWith("HTTP/1.1 ", StringComparison.Ordinal), answers);
            Assert.DoesNotContain("HTTP/1.1 500 ", answers, StringComparison.Ordinal);
            faults.AssertNone();

            string target = GoodTargets[random.Next(GoodTargets.Length)];
            using HttpResponseMessage good = await edge.GetAsync(target);
            Assert.Equal(HttpStatusCode.OK, good.StatusCode);
            Assert.Equal(Telling("GET", target, TestEdge.Host, "", null, 0), await good.Content.ReadAsStringAsync());
            if (++cases % CasesPerStore == 0)
            {
                AssertStoredIsTrue(edge);
                edge.Purge(PurgeKind.Site, "");
                edge.Purge(PurgeKind.Site, "", site: "other");
            }
        }, Share);
        AssertStoredIsTrue(edge);
        await Http.Eventually.TrueAsync(() => Task.FromResult(edge.Plane.Fills.Count == 0));
        faults.AssertNone();
    }

    /// <summary>The origin's answer says all that it may depend on.</summary>
    private static async Task TellAsync(HttpContext context)
    {
        HttpRequest request = context.Request;
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
        {
            context.Response.Headers.CacheControl = "no-store";
            return;
        }

        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        byte[] text = Encoding.Latin1.GetBytes(Telling(
            "GET", context.Features.Get<IHttpRequestFeature>()!.RawTarget, request.Headers.Host.ToString(),
            request.Headers.AcceptEncoding.ToString(), request.Headers.TryGetValue("X-Color", out var color) ? color.ToString() : null, body.Length));
        context.Response.Headers.CacheControl = "max-age=3600";
        context.Response.Headers.ETag = "\"v1\"";
        context.Response.Headers.Vary = "Accept-Encoding, X-Color";
        context.Response.ContentLength = text.Length;
        if (HttpMethods.IsGet(request.Method))
        {
            await context.Response.Body.WriteAsync(text);
        }
    }

    /// <summary>Blanks in the fields mean nothing.</summary>
    private static string Telling(string method, string target, string host, string encoding, string? color, long body) =>
        $"{method} {target} {host} [{Blankless(encoding)}] [{(color is null ? "none" : "=" + Blankless(color))}] {body}";

    private static string Blankless(string text) => text.Replace(" ", "", StringComparison.Ordinal).Replace("\t", "", StringComparison.Ordinal);

    /// <summary>Whatever brought it there: another visitor's good request for the key gets what the origin says to that request.</summary>
    private static void AssertStoredIsTrue(TestEdge edge)
    {
        foreach (StoredResponse stored in edge.Plane.Store.Enumerate())
        {
            Dictionary<string, string?> selecting = stored.Vary.Pairs().ToDictionary(p => p.Name, p => p.Value);
            string body = stored.Body.Length == 0 ? "" : Encoding.Latin1.GetString(stored.Body.CompletePiece(0).Span);
            Assert.Equal(200, stored.Status);
            Assert.False(stored.Key.Authority.AsSpan().ContainsAny('/', '?'), stored.Key.Authority);
            Assert.Equal(Telling("GET", stored.Key.Target, stored.Key.Authority, selecting["accept-encoding"] ?? "", selecting["x-color"], 0), body);
        }
    }

    private static async Task<string> ExchangeAsync(TestEdge edge, string text)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPEndPoint.Parse(new Uri(edge.PublicUrl).Authority));
        NetworkStream stream = client.GetStream();
        var answers = new StringBuilder();
        byte[] buffer = new byte[16 * 1024];
        try
        {
            await stream.WriteAsync(FuzzInput.Octets(text));
            while (true)
            {
                using var silence = new CancellationTokenSource(Silence);
                int read = await stream.ReadAsync(buffer, silence.Token);
                if (read == 0)
                {
                    break;
                }

                answers.Append(FuzzInput.Text(buffer.AsSpan(0, read)));
            }
        }
        catch (Exception error) when (error is IOException or OperationCanceledException)
        {
            // Reset, or nothing more to say to half a request.
        }

        return answers.ToString();
    }
}
