using System.Net;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Silo.Tests;

/// <summary>The other end of the feed, word by word.</summary>
public sealed class ScriptedEdge : IAsyncDisposable
{
    /// <summary>What must happen happens within this on the slowest machine; nothing passes because of it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly Channel<byte[]> _out = Channel.CreateUnbounded<byte[]>();
    private readonly HttpClient _http;
    private readonly HttpResponseMessage _response;
    private readonly StreamReader _lines;
    private readonly CancellationTokenSource _over;

    private ScriptedEdge(HttpClient http, HttpResponseMessage response, Stream body, Channel<byte[]> output, CancellationTokenSource over)
    {
        (_http, _response, _out, _over) = (http, response, output, over);
        _lines = new StreamReader(body, Encoding.UTF8);
    }

    public PurgeCursor Cursor { get; private set; } = PurgeCursor.None;

    public static EdgeHello Hello(string pop, string edge, PurgeCursor? cursor = null, string instance = "i1") => new()
    {
        Protocol = FeedProtocol.Version,
        Pop = pop,
        Edge = edge,
        Instance = instance,
        SoftwareVersion = "test",
        ConfigVersion = 0,
        Cursor = cursor ?? PurgeCursor.None,
        Addresses = new EdgeAddresses { Peer = $"http://127.0.0.1:1/{edge}" },
    };

    /// <summary>Connects and sends the first line, whatever it is.</summary>
    public static async Task<ScriptedEdge> OpenAsync(Uri feed, byte[] first, SocketsHttpHandler? handler = null)
    {
        var http = new HttpClient(handler ?? new SocketsHttpHandler()) { Timeout = Timeout.InfiniteTimeSpan };
        var output = Channel.CreateUnbounded<byte[]>();
        output.Writer.TryWrite(first);
        var over = new CancellationTokenSource();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(feed, FeedProtocol.EdgePath))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new DuplexContent(output.Reader),
        };
        HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, over.Token).WaitAsync(Patience);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return new ScriptedEdge(http, response, await response.Content.ReadAsStreamAsync(), output, over);
    }

    public static async Task<ScriptedEdge> ConnectAsync(Uri feed, EdgeHello hello, SocketsHttpHandler? handler = null)
    {
        ScriptedEdge edge = await OpenAsync(feed, Line(hello), handler);
        edge.Cursor = hello.Cursor;
        return edge;
    }

    public void Send(EdgeMessage message) => SendRaw(Line(message));

    public void SendRaw(byte[] bytes) => _out.Writer.TryWrite(bytes);

    public void Ack() => Send(new EdgeAck(Cursor));

    /// <summary>The next message that is not a heartbeat; null: the silo has ended the response.</summary>
    public async Task<SiloMessage?> NextAsync()
    {
        while (true)
        {
            SiloMessage? message = await NextLineAsync();
            if (message is not SiloHeartbeat)
            {
                return message;
            }
        }
    }

    /// <summary>The next message; null: the silo has ended the response.</summary>
    public async Task<SiloMessage?> NextLineAsync()
    {
        string? line = await _lines.ReadLineAsync(_over.Token).AsTask().WaitAsync(Patience);
        if (line is null)
        {
            return null;
        }

        SiloMessage message = JsonSerializer.Deserialize(line, ContractsJson.Default.SiloMessage)!;
        Cursor = message switch
        {
            PurgeBatch batch => batch.Through,
            PurgeGap gap => gap.Through,
            _ => Cursor,
        };
        return message;
    }

    /// <summary>Ends this side, as an edge does that has said all.</summary>
    public void End() => _out.Writer.TryComplete();

    /// <summary>Reads to the end, which is null.</summary>
    public async Task<SiloMessage?> NextUntilEndAsync()
    {
        SiloMessage? message;
        do
        {
            message = await NextAsync();
        }
        while (message is not null);
        return message;
    }

    /// <summary>Skips other messages.</summary>
    public async Task<T> NextAsync<T>()
        where T : SiloMessage
    {
        while (true)
        {
            SiloMessage? message = await NextAsync();
            Assert.True(message is not null, $"the feed ended before a {typeof(T).Name}");
            Assert.True(message is not SiloRefusal || typeof(T) == typeof(SiloRefusal), $"refused: {(message as SiloRefusal)?.Reason}");
            if (message is T wanted)
            {
                return wanted;
            }
        }
    }

    /// <summary>Reads until the log is taken in up to a place, and acknowledges that.</summary>
    public async Task<List<PurgeEntry>> CatchUpAsync(PurgeCursor to)
    {
        var entries = new List<PurgeEntry>();
        while (!Cursor.Covers(to))
        {
            if (await NextAsync() is PurgeBatch batch)
            {
                entries.AddRange(batch.Entries);
            }
        }

        Ack();
        return entries;
    }

    public static byte[] Line(EdgeMessage message) => [.. JsonSerializer.SerializeToUtf8Bytes(message, ContractsJson.Default.EdgeMessage), (byte)'\n'];

    public async ValueTask DisposeAsync()
    {
        _out.Writer.TryComplete();
        await _over.CancelAsync();
        _response.Dispose();
        _http.Dispose();
    }

    /// <summary>A request body that stays open and flushes each piece.</summary>
    internal sealed class DuplexContent(ChannelReader<byte[]> pieces) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            await foreach (byte[] piece in pieces.ReadAllAsync(cancellationToken))
            {
                await stream.WriteAsync(piece, cancellationToken);
                await stream.FlushAsync(cancellationToken);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
