using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using OrleansCdn.Dns.Answering;
using OrleansCdn.Dns.Server.Limiting;
using OrleansCdn.Dns.Server.Log;
using OrleansCdn.Dns.Server.Tcp;
using OrleansCdn.Dns.Server.Udp;

namespace OrleansCdn.Dns.Server;

/// <summary>
/// Listens over UDP and TCP on a set of endpoints that can change: new ones are opened before old ones are closed, and what has
/// arrived at those is answered. Each thread answers with a responder of its own; what they answer from is one reference.
/// </summary>
public sealed class DnsServer : IAsyncDisposable
{
    /// <summary>For connections to take their last answers, when the server stops.</summary>
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan DrainLook = TimeSpan.FromMilliseconds(20);

    private readonly Responders _responders;
    private readonly DnsServerOptions _options;
    private readonly TimeProvider _time;
    private readonly KeyedHash _hash;
    private readonly ResponseLimiter _limiter;
    private readonly Faults _faults = new();
    private readonly Lock _counting = new();
    private readonly List<ServerCounters> _running = [];
    private readonly ServerCounters _shared = new();
    private readonly TcpConnections _connections;
    private readonly TcpDesks _desks;
    private readonly SemaphoreSlim _changing = new(1, 1);
    private ImmutableArray<ListeningEndpoint> _endpoints = [];

    public DnsServer(DnsDataSource data, DnsServerOptions options, TimeProvider time)
    {
        _responders = new Responders(data);
        _options = options;
        _time = time;
        _hash = KeyedHash.Fresh();
        _limiter = new ResponseLimiter(_hash) { Settings = options.RateLimit };
        Log = new QueryLog(time) { SampleBits = options.LogSampleBits };
        _connections = new TcpConnections(_shared, time) { Settings = options.Tcp };
        _desks = new TcpDesks(() => new TcpDesk(_responders.Take(), _faults, Log, Seed()));
        _connections.Start();
    }

    public QueryLog Log { get; }

    /// <summary>Null: no limit. Holds from the next answer on.</summary>
    public RateLimitSettings? RateLimit
    {
        get => _limiter.Settings;
        set => _limiter.Settings = value;
    }

    public TcpSettings Tcp
    {
        get => _connections.Settings;
        set => _connections.Settings = value;
    }

    public int OpenConnections => _connections.Count;

    /// <summary>Connections that wait for the rest of a query.</summary>
    public int UnfinishedQueries => _connections.CountOf(TcpPhase.Reading);

    /// <summary>Connections whose clients have not taken their answers.</summary>
    public int UnreadAnswers => _connections.CountOf(TcpPhase.Sending);

    /// <summary>The mistake of ours that <see cref="ServerCount.Faults"/> counted last; null: there was none.</summary>
    public Exception? LastFault => _faults.Last;

    /// <summary>Where it listens, with the ports that the system chose where 0 was asked for.</summary>
    public ImmutableArray<IPEndPoint> Endpoints => [.. _endpoints.Select(endpoint => endpoint.Local)];

    /// <summary>Since the start, by <see cref="ServerCount"/>.</summary>
    public ImmutableArray<long> Counts
    {
        get
        {
            lock (_counting)
                return ServerCounters.Sum(_running.Prepend(_shared));
        }
    }

    /// <summary>What the threads have counted of queries and answers; to be summed up.</summary>
    public IReadOnlyCollection<DnsCounters> Answered => _responders.Counters;

    /// <summary>Listens on exactly these. Those that stay are not touched.</summary>
    /// <exception cref="SocketException">One cannot be had: everything is as before.</exception>
    public async Task ListenAsync(IReadOnlyCollection<IPEndPoint> wanted)
    {
        await _changing.WaitAsync();
        try
        {
            ImmutableArray<ListeningEndpoint> before = _endpoints;
            var after = new List<ListeningEndpoint>(before.Where(endpoint => wanted.Contains(endpoint.Asked)));
            var opened = new List<ListeningEndpoint>();
            try
            {
                foreach (IPEndPoint endpoint in wanted.Except(before.Select(kept => kept.Asked)))
                {
                    opened.Add(await ListeningEndpoint.OpenAsync(endpoint, _options, OpenUdp, OpenTcp, Release));
                }
            }
            catch
            {
                await CloseAsync(opened);
                throw;
            }

            _ = ImmutableInterlocked.InterlockedExchange(ref _endpoints, [.. after, .. opened]);
            opened.ForEach(Start);
            await CloseAsync(before.Except(after));
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Answers what has arrived, then ends.</summary>
    public async ValueTask DisposeAsync()
    {
        await ListenAsync([]);
        _connections.Drain();
        long start = _time.GetTimestamp();
        while (_connections.Count > 0 && _time.GetElapsedTime(start) < DrainTime)
        {
            await Task.Delay(DrainLook, _time);
        }

        _connections.CutAll();
        _connections.Dispose();
    }

    /// <summary>An unseeded number for the sample of the log: which queries are in it need not be repeatable.</summary>
    private static uint Seed() => (uint)RandomNumberGenerator.GetInt32(int.MaxValue);

    private UdpWorker OpenUdp(IPEndPoint endpoint, string name)
    {
        var desk = new UdpDesk(_responders.Take(), _faults, _limiter, Log, _hash, Seed());
        try
        {
            return UdpSockets.Open(endpoint, _options.IsPortable, desk, _time, name);
        }
        catch
        {
            Release(desk);
            throw;
        }
    }

    private void Release(UdpDesk desk) => _responders.Return(desk.Responder);

    private TcpAcceptor OpenTcp(IPEndPoint endpoint) => TcpAcceptor.Open(endpoint, _connections, _desks, _shared, _time);

    private void Start(ListeningEndpoint endpoint)
    {
        lock (_counting)
            _running.AddRange(endpoint.Desks.Select(desk => desk.Counters));
        endpoint.Start();
    }

    private async Task CloseAsync(IEnumerable<ListeningEndpoint> endpoints)
    {
        foreach (ListeningEndpoint endpoint in endpoints)
        {
            await endpoint.DisposeAsync();
            lock (_counting)
            {
                foreach (UdpDesk desk in endpoint.Desks)
                {
                    _running.Remove(desk.Counters);
                    _shared.AddAll(desk.Counters);
                    Release(desk);
                }
            }
        }
    }
}
