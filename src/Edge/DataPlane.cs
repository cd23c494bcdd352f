using OrleansCdn.Edge.Cache;
using OrleansCdn.Edge.Cache.Coverage;
using OrleansCdn.Edge.Cache.Disk;
using OrleansCdn.Edge.Control;
using OrleansCdn.Edge.Dns.Visits;
using OrleansCdn.Edge.Health;
using OrleansCdn.Edge.Http;
using OrleansCdn.Edge.Limits;
using OrleansCdn.Edge.Origin;
using OrleansCdn.Edge.Popularity;

namespace OrleansCdn.Edge;

/// <summary>The parts of the request's way, put together.</summary>
public sealed class DataPlane : IDisposable
{
    private readonly PeerPool _peers;
    private readonly Compressor _compressor;
    private readonly HealthChecker _checker;
    private readonly EdgeState _state;
    private readonly Lock _applying = new();
    private readonly DiskReader? _reader;
    private readonly TimeProvider _time;

    /// <param name="peerHandler">Speaks HTTP/2 to other edges, with this edge's certificate; owned from here on.</param>
    /// <param name="leases">Null: fills are not shared with other edges.</param>
    /// <param name="ownPeerUrl">Where other edges fetch from this one; null while they cannot.</param>
    /// <param name="memoryBytes">Of the store.</param>
    /// <param name="origins">Null: over sockets. Owned from here on.</param>
    /// <param name="disk">Null: memory only. It stays the caller's, and outlives this.</param>
    public DataPlane(
        EdgeState state, EdgeMetrics metrics, HttpMessageHandler peerHandler, LeaseClient? leases, Func<string?> ownPeerUrl,
        long memoryBytes, TimeProvider time, ILoggerFactory loggers, OriginPool? origins = null, DiskStore? disk = null)
    {
        Store = new MemoryStore(memoryBytes, disk);
        metrics.Store = () => (Store.Count, Store.Bytes);
        Origins = origins ?? new OriginPool();
        Fills = new ActiveFills();
        _peers = new PeerPool(peerHandler);
        var hitForMiss = new HitForMissTable();
        _state = state;
        _time = time;
        Limits = new RequestLimits(time);
        OriginHealth = new OriginBook(time);
        metrics.Origins = OriginHealth.Status;
        metrics.CutOff = () => state.CutOff(time.MonotonicSeconds());
        _checker = new HealthChecker(OriginHealth, new HealthCheck(Origins, time), time, loggers.CreateLogger<HealthChecker>());
        var upstream = new UpstreamClient(Origins, _peers, metrics, time);
        var failover = new OriginFailover(OriginHealth, upstream, metrics, time, loggers.CreateLogger<OriginFailover>());
        var source = new FillSource(state, upstream, failover, leases, ownPeerUrl);
        var unsliced = new HitForMissTable();
        var searches = new SearchVariances();
        var blocks = new BlockRunner(state, Store, source, time, loggers.CreateLogger<BlockRunner>());
        var runner = new FillRunner(state, Store, hitForMiss, unsliced, Fills, source, blocks, searches, time, loggers.CreateLogger<FillRunner>());
        _compressor = new Compressor(Store, loggers.CreateLogger<Compressor>());
        var delivery = new Delivery(state, _compressor, metrics, time);
        var pass = new PassThrough(state, Store, source, delivery, searches, metrics);
        var sliced = new SlicedDelivery(state, Store, blocks, source, new RangeBudget(time), pass, delivery, metrics, time);
        var misses = new MissHandler(state, Store, hitForMiss, unsliced, runner, pass, delivery, sliced, metrics, time);
        if (disk is not null)
        {
            disk.IsInMemory = Store.HasVariant;
            metrics.Disk = () => disk.Report(metrics.Read(Counter.DiskHits));
            _reader = new DiskReader(disk, Store, state.Purges, time);
        }

        DiskHits? hits = _reader is null
            ? null
            : new DiskHits(disk!, _reader, Store, misses, delivery, new DiskDelivery(_reader, delivery, metrics, time), OriginHealth, state, metrics, time);
        Explainer = new Explainer(state, Store, hitForMiss, searches, disk, _reader, OriginHealth, time);
        Coverage = new CoverageReader(state, Store, disk, _reader, time);
        var sampler = new RequestSampler();
        Popularity = new PopularityCounts(state, metrics, sampler, time);
        metrics.Popularity = Popularity.Report;
        Pipeline = new RequestPipeline(
            state, Limits, Store, OriginHealth, misses, pass, delivery, metrics, time, new DebugAnswer(Explainer), searches, hitForMiss, sampler, hits);
        Prewarmer = new Prewarmer(state, Store, hitForMiss, searches, misses, _compressor, disk, _reader, time);
        Peers = new PeerWatch(state, _peers.Client, ownPeerUrl, time, loggers.CreateLogger<PeerWatch>());
        metrics.Reach = () => Peers.Reach;
        Sweeper = new PurgeSweeper(Store, Fills, state.Purges, time, disk);
    }

    public RequestPipeline Pipeline { get; }

    public RequestLimits Limits { get; }

    /// <summary>Answers what the pipeline would do.</summary>
    public Explainer Explainer { get; }

    /// <summary>Fetches ahead of visitors.</summary>
    public Prewarmer Prewarmer { get; }

    /// <summary>Answers what a purge would cover.</summary>
    public CoverageReader Coverage { get; }

    public MemoryStore Store { get; }

    public OriginPool Origins { get; }

    /// <summary>What is known of the origins.</summary>
    public OriginBook OriginHealth { get; }

    /// <summary>To be started with the process.</summary>
    public PurgeSweeper Sweeper { get; }

    /// <summary>To be started with the process.</summary>
    public PopularityCounts Popularity { get; }

    /// <summary>To be started where there are other edges.</summary>
    internal PeerWatch Peers { get; }

    /// <summary>Of stored responses, where sites ask for it.</summary>
    internal Compressor Compressor => _compressor;

    /// <summary>Fetches under way.</summary>
    public ActiveFills Fills { get; }

    /// <summary>To be called when a config has come into force: lets go of what is gone, checks what is to be checked.</summary>
    public void ApplyConfig()
    {
        // Whoever comes last looks at the newest one, whichever call was made for it.
        lock (_applying)
        {
            if (_state.Snapshot?.Config is { } config)
            {
                Origins.Keep(config);
                OriginHealth.Keep(config);
                _checker.Apply(config);
                Limits.Keep(config);
            }
        }
    }

    /// <summary>Hosts with random ids show their visitors how they came, from now on.</summary>
    /// <param name="table">Of what the nameserver has answered; null: nothing yet.</param>
    internal void ServeVisits(Func<VisitTable?> table) =>
        Pipeline.Visits = new VisitPage(_state, table, new VisitPeers(_state, _peers.Client, _time), _time);

    public void Dispose()
    {
        _checker.Dispose();
        Sweeper.Dispose();
        Popularity.Dispose();
        Peers.Dispose();
        _reader?.Dispose();
        Origins.Dispose();
        _compressor.Dispose();
        _peers.Dispose();
    }
}
