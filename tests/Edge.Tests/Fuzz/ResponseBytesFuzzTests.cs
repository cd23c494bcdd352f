using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Edge.Cache;
using OrleansCdn.Edge.Tests.Http;
using OrleansCdn.Testing;

namespace OrleansCdn.Edge.Tests.Fuzz;

/// <summary>Damaged answers of an origin on real connections: passed on whole, 502 or a reset; and nothing is kept that may not be.</summary>
public sealed partial class ResponseBytesFuzzTests
{
    /// <summary>One of that many of the usual number of cases: each has several connections.</summary>
    private const int Share = 20;

    private const string Good = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\nConnection: close\r\nCache-Control: no-store\r\n\r\nthe-second";

    [Fact]
    public async Task Damaged_answers_are_passed_on_whole_or_not_at_all()
    {
        var faults = new FaultLog();
        await using var origin = new Origin();
        await using TestEdge edge = await TestEdge.StartAsync($"url: \"{origin.Url}\", allow-private: true", "", faults: faults);
        int cases = 0;
        await FuzzInput.RunAsync("response", async (text, random) =>
        {
            origin.Answer = FuzzInput.Octets(text);
            string target = $"/{++cases}";
            (string, string)[] fields = random.Next(4) == 0 ? [("Range", "bytes=0-4")] : [];
            await AnswerAsync(edge, target, fields);
            faults.AssertNone();

            await Http.Eventually.TrueAsync(() => Task.FromResult(edge.Plane.Fills.Count == 0));
            StoredResponse? stored = edge.Plane.Store.Enumerate().FirstOrDefault(s => s.Key.Target == target);
            if (stored is { Slices: null })
            {
                AssertMayBeKept(edge, stored, text);
            }

            origin.Answer = FuzzInput.Octets(Good);
            if (await AnswerAsync(edge, target) is { } second && second != "the-second" && stored is { Slices: null })
            {
                Assert.Equal(Body(stored), second);
            }

            faults.AssertNone();
        }, Share);
    }

    private static void AssertMayBeKept(TestEdge edge, StoredResponse stored, string text)
    {
        CacheConfig site = edge.State.Snapshot!.Config.Sites[0].Cache;
        var facts = new RequestFacts(IsGet: true, HasAuthorization: false, NoStore: false);
        StorageDecision again = StoragePolicy.Decide(facts, stored.Status, stored.Header, site, null, "testcdn", edge.Time.GetUtcNow());
        Assert.Equal(stored.Storage, again);
        Assert.False(stored.Header.Contains("Set-Cookie"));
        Assert.True(VarySelector.ParseNames(stored.Header["Vary"]) is var names && !names.Contains("*"));

        // By another way than the parser's: a plain list without quotes that forbids it.
        string control = stored.Header["Cache-Control"].ToString();
        bool isTargeted = stored.Header.Contains("CDN-Cache-Control") || stored.Header.Contains("Surrogate-Control") || stored.Header.Contains("testcdn-Cache-Control");
        Assert.False(!isTargeted && !control.Contains('"', StringComparison.Ordinal) && Forbidden().IsMatch(control)
            && !control.Contains("must-understand", StringComparison.OrdinalIgnoreCase), control);
        if (long.TryParse(stored.Header["Age"].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out long age))
        {
            Assert.True(stored.InitialAge >= Math.Min(age, CacheDirectives.MaxSeconds));
        }

        string body = Body(stored);
        if (long.TryParse(stored.Header["Content-Length"].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out long length))
        {
            Assert.Equal(length, body.Length);
        }

        if (!text.Contains("chunked", StringComparison.OrdinalIgnoreCase))
        {
            Assert.Contains(body, text, StringComparison.Ordinal);
        }
    }

    private static string Body(StoredResponse stored)
    {
        Assert.Equal(BodyState.Complete, stored.Body.State);
        return stored.Body.Length == 0 ? "" : FuzzInput.Text(stored.Body.CompletePiece(0).Span);
    }

    /// <summary>The body; null when it was broken off. No answer in time is a failure of the test.</summary>
    private static async Task<string?> AnswerAsync(TestEdge edge, string target, params (string Name, string Value)[] fields)
    {
        try
        {
            using HttpResponseMessage answer = await edge.GetAsync(target, fields);
            Assert.InRange((int)answer.StatusCode, 200, 999);
            return FuzzInput.Text(await answer.Content.ReadAsByteArrayAsync());
        }
        catch (Exception error) when (TransportFailure.Is(error))
        {
            return null;
        }
    }

    [GeneratedRegex(@"(^|,)[ \t]*(no-store|private)[ \t]*(,|$)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Forbidden();

    /// <summary>Says the same bytes on every connection once it was asked, and ends it.</summary>
    private sealed class Origin : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly Task _server;
        private volatile byte[] _answer = [];

        public Origin()
        {
            _listener.Start();
            _server = ServeAsync();
        }

        public string Url => $"http://{_listener.LocalEndpoint}";

        public byte[] Answer
        {
            set => _answer = value;
        }

        private async Task ServeAsync()
        {
            byte[] request = new byte[64 * 1024];
            while (true)
            {
                try
                {
                    using Socket client = await _listener.AcceptSocketAsync();
                    if (await client.ReceiveAsync(request) > 0)
                    {
                        await client.SendAsync(_answer);
                        client.Shutdown(SocketShutdown.Send);
                    }
                }
                catch (Exception error) when (error is SocketException or IOException)
                {
                    // The edge has gone.
                }
                catch (Exception error) when (error is ObjectDisposedException or InvalidOperationException)
                {
                    return;
                }
            }
        }

        public async ValueTask DisposeAsync()
        {
            _listener.Dispose();
            await _server.WaitAsync(TimeSpan.FromSeconds(30));
        }
    }
}
