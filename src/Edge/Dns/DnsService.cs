using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Contracts.Dns;
using OrleansCdn.Dns.Answering;
using OrleansCdn.Dns.Dnssec;
using OrleansCdn.Dns.FromConfig;
using OrleansCdn.Dns.Server;
using OrleansCdn.Dns.Server.Limiting;
using OrleansCdn.Edge.Admin;
using OrleansCdn.Edge.Dns.Visits;

namespace OrleansCdn.Edge.Dns;

/// <summary>
/// The nameserver of an edge: puts together what answers come from whenever a part of it is another one, swaps one reference, and
/// listens where the config says. It begins to listen when there is something to answer with. Nothing here waits for a silo.
/// </summary>
internal sealed partial class DnsService : IAsyncDisposable
{
    /// <summary>How long an address that could not be had is left alone: whoever holds it has to be stopped by hand.</summary>
    private static readonly TimeSpan ListenRetry = TimeSpan.FromSeconds(2);

    /// <summary>One of 64 queries is in the log.</summary>
    private const int LogSampleBits = 6;

    private readonly Channel<byte> _changed = Channel.CreateBounded<byte>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly DnsDataSource _data = new(DnsData.Empty);
    private readonly CancellationTokenSource _stop = new();
    private readonly EdgeState _state;
    private readonly Func<EdgeSnapshot, IPEndPoint?> _wanted;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly DnsServer _server;
    private readonly Lazy<VisitTable> _visits;
    private readonly SigningMeans _signing;
    private FleetSecrets _secrets = FleetSecrets.None;
    private volatile string? _listenProblem;
    private Task _loop = Task.CompletedTask;

    /// <param name="wanted">Where to listen under a config; null: nowhere.</param>
    public DnsService(EdgeState state, Func<EdgeSnapshot, IPEndPoint?> wanted, TimeProvider time, ILoggerFactory loggers)
    {
        _state = state;
        _wanted = wanted;
        _time = time;
        _logger = loggers.CreateLogger("dns");
        _signing = new SigningMeans(time);
        _visits = new Lazy<VisitTable>(() => new VisitTable(time));
        _server = new DnsServer(_data, new DnsServerOptions { LogSampleBits = LogSampleBits }, time);
        Compiler = new DnsCompiler(state, () => _visits.Value, Changed, time, _logger);
    }

    public DnsCompiler Compiler { get; }

    public DnsServer Server => _server;

    /// <summary>What signing costs.</summary>
    public SigningMeans Signing => _signing;

    /// <summary>What the next query is answered from.</summary>
    public DnsData Data => _data.Current;

    /// <summary>Null: no name has had random ids yet.</summary>
    public VisitTable? Visits => _visits.IsValueCreated ? _visits.Value : null;

    /// <summary>Why it does not listen where it should; null: it does.</summary>
    public string? ListenProblem => _listenProblem;

    /// <summary>For heartbeats; null: the config in force has no DNS for this edge.</summary>
    public EdgeDns? Summary() => DnsReports.Summary(this, IsWanted);

    /// <summary>For <c>/status</c>.</summary>
    public DnsReply? Reply() => DnsReports.Reply(this, IsWanted);

    /// <summary>What the next query of this kind would be answered, and why; null: nothing is answered yet, or the question is none.</summary>
    public DnsExplanation? Explain(DnsQuestion question) =>
        Compiler.Current is { } generation
            && DnsAsked.Read(question.Address, question.Name, question.Subnet) is { Asked: { } asked }
            ? DnsExplainer.Explain(
                _data.Current, [.. generation.Snapshot.Config.Pops.Select(pop => pop.Id)], _state.Eligibility, asked)
            : null;

    private bool IsWanted => _state.Snapshot is { } snapshot && _wanted(snapshot) is not null;

    public void Start()
    {
        _ = Compiler.StartAsync(_stop.Token);
        _loop = RunAsync(_stop.Token);
    }

    /// <summary>Something that answers depend on is another one: eligibility, secrets, what was compiled. By any thread; returns at once.</summary>
    public void Changed() => _changed.Writer.TryWrite(0);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Compiler.StopAsync(CancellationToken.None);
        Compiler.Dispose();
        await _loop;
        await _server.DisposeAsync();
        _stop.Dispose();
    }

    private async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (await NextAsync(stop))
            {
                _changed.Reader.TryRead(out _);
                UseNewSecrets();
                DnsGeneration? generation = Compiler.Current;
                _data.Current = generation is null ? DnsData.Empty : DnsAssembly.Of(generation, _state.Pop, _state.Eligibility, _secrets);
                _server.RateLimit = Limit(generation?.Snapshot.Config.Dns);
                await ListenAsync(generation is null ? null : _wanted(generation.Snapshot));
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
    }

    private void UseNewSecrets()
    {
        if (_state.DnsSecrets is { } secrets && !ReferenceEquals(secrets, _secrets.Source))
        {
            _secrets = FleetSecrets.Of(secrets, _signing, LogUnusable);
        }
    }

    /// <summary>Waits for a change; no longer than <see cref="ListenRetry"/> while an address is to be had.</summary>
    private async Task<bool> NextAsync(CancellationToken stop)
    {
        if (_listenProblem is null)
        {
            return await _changed.Reader.WaitToReadAsync(stop);
        }

        using CancellationTokenSource retry = CancellationTokenSource.CreateLinkedTokenSource(stop);
        await Task.WhenAny(_changed.Reader.WaitToReadAsync(retry.Token).AsTask(), Task.Delay(ListenRetry, _time, retry.Token));
        await retry.CancelAsync();
        stop.ThrowIfCancellationRequested();
        return true;
    }

    private async Task ListenAsync(IPEndPoint? wanted)
    {
        ImmutableArray<IPEndPoint> before = _server.Endpoints;
        try
        {
            await _server.ListenAsync(wanted is null ? [] : [wanted]);
            _listenProblem = null;
        }
        catch (SocketException e)
        {
            if (_listenProblem is null)
            {
                LogCannotListen(wanted!, e.Message);
            }

            _listenProblem = $"cannot listen on {wanted}: {e.Message}";
            return;
        }

        ImmutableArray<IPEndPoint> after = _server.Endpoints;
        if (!after.SequenceEqual(before))
        {
            string endpoints = string.Join(", ", after);
            LogListens(endpoints);
        }
    }

    private static RateLimitSettings? Limit(DnsConfig? dns) => dns is { RateLimit: { ResponsesPerSecond: > 0 } rate }
        ? new RateLimitSettings { ResponsesPerSecond = rate.ResponsesPerSecond, Slip = rate.Slip }
        : null;

    [LoggerMessage(Level = LogLevel.Information, Message = "answers DNS on {Endpoints}, over UDP and TCP")]
    private partial void LogListens(string endpoints);

    [LoggerMessage(Level = LogLevel.Error, Message = "the keys of zone {Zone} cannot be used ({Reason}); it is answered with SERVFAIL, and never unsigned")]
    private partial void LogUnusable(string zone, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "cannot listen for DNS on {Endpoint}: {Reason}. Tried again until it can; is another nameserver running?")]
    private partial void LogCannotListen(IPEndPoint endpoint, string reason);
}
