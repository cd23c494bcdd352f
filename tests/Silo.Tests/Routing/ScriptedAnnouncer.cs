using System.Collections.Immutable;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Failover;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Silo.Tests.Routing;

/// <summary>An announcer's end of the feed, word by word.</summary>
public sealed class ScriptedAnnouncer : IAsyncDisposable
{
    /// <summary>What must happen happens within this on the slowest machine; nothing passes because of it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly Channel<byte[]> _out;
    private readonly HttpClient _http;
    private readonly HttpResponseMessage _response;
    private readonly StreamReader _lines;
    private readonly CancellationTokenSource _over = new();

    private ScriptedAnnouncer(HttpClient http, HttpResponseMessage response, Stream body, Channel<byte[]> output)
    {
        (_http, _response, _out) = (http, response, output);
        _lines = new StreamReader(body, Encoding.UTF8);
    }

    /// <summary>That it said hello from.</summary>
    public string Pop { get; private init; } = "";

    public static AnnouncerHello Hello(string pop, string edge, string instance = "i1") => new()
    {
        Protocol = AnnouncerProtocol.Version, Pop = pop, Edge = edge, Instance = instance, SoftwareVersion = "test",
    };

    /// <summary>Connects and sends the first line, whatever it is.</summary>
    public static async Task<ScriptedAnnouncer> OpenAsync(Uri feed, byte[] first, string pop = "")
    {
        var http = new HttpClient(new SocketsHttpHandler()) { Timeout = Timeout.InfiniteTimeSpan };
        var output = Channel.CreateUnbounded<byte[]>();
        output.Writer.TryWrite(first);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(feed, AnnouncerProtocol.Path))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ScriptedEdge.DuplexContent(output.Reader),
        };
        HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).WaitAsync(Patience);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return new ScriptedAnnouncer(http, response, await response.Content.ReadAsStreamAsync(), output) { Pop = pop };
    }

    public static async Task<ScriptedAnnouncer> ConnectAsync(Uri feed, AnnouncerHello hello)
    {
        ScriptedAnnouncer announcer = await OpenAsync(feed, Line(hello), hello.Pop);
        await announcer.NextAsync<AnnouncerWelcome>();
        return announcer;
    }

    public void Send(AnnouncerMessage message) => SendRaw(Line(message));

    public void SendRaw(byte[] bytes) => _out.Writer.TryWrite(bytes);

    /// <summary>The next message; null: the silo has ended the response.</summary>
    public async Task<AnnouncerOrder?> NextLineAsync()
    {
        string? line = await _lines.ReadLineAsync(_over.Token).AsTask().WaitAsync(Patience);
        return line is null ? null : JsonSerializer.Deserialize(line, ContractsJson.Default.AnnouncerOrder);
    }

    /// <summary>Skips heartbeats.</summary>
    public async Task<T> NextAsync<T>()
        where T : AnnouncerOrder
    {
        while (true)
        {
            AnnouncerOrder? message = await NextLineAsync();
            Assert.True(message is not null, $"the feed ended before a {typeof(T).Name}");
            Assert.True(message is not AnnouncerRefusal || typeof(T) == typeof(AnnouncerRefusal), $"refused: {(message as AnnouncerRefusal)?.Reason}");
            if (message is T wanted)
            {
                return wanted;
            }
        }
    }

    /// <summary>Skips desired states until one is as wanted.</summary>
    public async Task<DesiredAnnouncements> DesiredAsync(Func<DesiredAnnouncements, bool> wanted)
    {
        while (true)
        {
            DesiredAnnouncements desired = await NextAsync<DesiredAnnouncements>();
            if (wanted(desired))
            {
                return desired;
            }
        }
    }

    /// <summary>Skips news until some are as wanted.</summary>
    public async Task<FailoverNews> NewsAsync(Func<FailoverNews, bool> wanted)
    {
        while (true)
        {
            FailoverNews news = await NextAsync<FailoverNews>();
            if (wanted(news))
            {
                return news;
            }
        }
    }

    /// <summary>Skips what is said until one server's view is as wanted.</summary>
    public async Task<PeerView> ViewAsync(string server, Func<PeerView, bool> wanted)
    {
        FailoverNews news = await NewsAsync(n => n.Views.Any(view => view.Server == server && wanted(view)));
        return news.Views.First(view => view.Server == server);
    }

    /// <summary>Says that all that is desired is on the wire.</summary>
    public void ReportDone(DesiredAnnouncements desired) => Send(Report(desired));

    public static AnnouncerReport Report(DesiredAnnouncements desired) => new()
    {
        Epoch = desired.Epoch,
        ConfigVersion = desired.ConfigVersion,
        Sessions =
        [
            .. desired.Upstreams.SelectMany(u => u.Sessions.Select(s => new ObservedSession
            {
                Upstream = u.Id,
                Neighbor = s.Neighbor.ToString(),
                PeerAsn = u.Asn,
                State = BgpState.Established,
                Since = DateTimeOffset.UnixEpoch,
                Revision = u.Revision,
                HoldSeconds = 30,
                KeepaliveSeconds = 10,
                Counters = new SessionCounters { Established = 1, UpdatesOut = 2 },
                Advertised = [.. u.Routes.Where(r => r.Prefix.BaseAddress.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? s.Ipv4 : s.Ipv6)],
            })),
        ],
    };

    public static byte[] Line(AnnouncerMessage message) => [.. JsonSerializer.SerializeToUtf8Bytes(message, ContractsJson.Default.AnnouncerMessage), (byte)'\n'];

    public async ValueTask DisposeAsync()
    {
        _out.Writer.TryComplete();
        await _over.CancelAsync();
        _response.Dispose();
        _http.Dispose();
    }
}
