using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Cache;
using OrleansCdn.Edge.Http;
using OrleansCdn.Edge.Origin;
using OrleansCdn.Edge.Tests.Http;
using OrleansCdn.Testing;

namespace OrleansCdn.Edge.Tests.Properties;

/// <summary>What a visitor got.</summary>
/// <param name="At">Monotonic seconds.</param>
internal sealed record Answer(int Status, IHeaderDictionary Headers, byte[] Body, bool IsAborted, double At)
{
    /// <summary>Of the fetch that made it; 0: the edge made it, or it is a bare confirmation.</summary>
    public int Serial => int.TryParse(Headers["X-Serial"].ToString(), out int serial) ? serial : 0;

    /// <summary>Stale, without asking origins that are known to be sick.</summary>
    public bool IsFromSickOrigin => Headers["Cache-Status"].ToString().Contains("detail=origins-sick", StringComparison.Ordinal);
}

/// <summary>The data plane as it is composed in the process, without sockets on either side.</summary>
internal sealed class PipelineEdge : IDisposable
{
    private readonly DataPlane _plane;
    private readonly FakeTimeProvider _time;

    public PipelineEdge(FakeTimeProvider time, Func<PipelineEdge, HttpMessageHandler> origin, string siteYaml)
    {
        _time = time;
        State = new EdgeState("waw", "waw1", new PurgeIndex());
        State.Purges.ApplyGap(new PurgeCursor("e", 0));
        State.Replace(new EdgeSnapshot("c", 1, TestEdge.Config("url: \"http://origin.example\"", siteYaml)));
        HttpMessageHandler handler = origin(this);
        _plane = new DataPlane(
            State, Metrics, OriginPool.NewHandler(), leases: null, static () => null, 256 * 1024 * 1024, time, NullLoggerFactory.Instance,
            new OriginPool(_ => handler));
    }

    public EdgeState State { get; }

    public EdgeMetrics Metrics { get; } = new();

    public MemoryStore Store => _plane.Store;

    public void Sweep() => _plane.Sweeper.Sweep();

    public void Purge(PurgeKind kind, string value, bool soft, string site)
    {
        PurgeCursor cursor = State.Purges.Cursor;
        var entry = new PurgeEntry { Sequence = cursor.Sequence + 1, Site = site, Kind = kind, Value = value, Soft = soft };
        State.Apply(new PurgeBatch { Through = cursor with { Sequence = entry.Sequence }, Entries = [entry] });
    }

    /// <summary>Until no fill is under way.</summary>
    public async Task SettleAsync()
    {
        while (_plane.Fills.Count > 0)
        {
            await Task.Yield();
        }
    }

    public async Task<Answer> SendAsync(ModelRequest request)
    {
        using var body = new MemoryStream();
        var lifetime = new Lifetime();
        var features = new FeatureCollection();
        features.Set<IHttpRequestFeature>(new HttpRequestFeature
        {
            Method = request.Method,
            Scheme = request.Key.Scheme,
            Protocol = "HTTP/1.1",
            RawTarget = request.Key.Target,
            Path = request.Key.Target,
        });
        features.Set<IHttpResponseFeature>(new HttpResponseFeature());
        features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(body));
        features.Set<IHttpRequestLifetimeFeature>(lifetime);
        var context = new DefaultHttpContext(features);
        void Add(string name, string? value)
        {
            if (value is not null)
            {
                context.Request.Headers[name] = value;
            }
        }

        Add("Host", request.Key.Host);
        Add("Accept-Language", request.Language);
        Add("Accept-Encoding", request.Encoding);
        Add("Authorization", request.Authorization ? "Bearer x" : null);
        Add("Cache-Control", request.CacheControl);
        Add("If-None-Match", request.IfNoneMatch);
        await _plane.Pipeline.HandleAsync(context, ListenerRole.Public);
        await context.Response.CompleteAsync();
        return new Answer(context.Response.StatusCode, context.Response.Headers, body.ToArray(), lifetime.IsAborted, _time.GetTimestamp() / (double)_time.TimestampFrequency);
    }

    public void Dispose() => _plane.Dispose();

    private sealed class Lifetime : IHttpRequestLifetimeFeature
    {
        public CancellationToken RequestAborted { get; set; }

        public bool IsAborted { get; private set; }

        public void Abort() => IsAborted = true;
    }
}
