using System.Net;
using System.Reflection;
using System.Security.Cryptography;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Contracts.Dns;
using OrleansCdn.Edge.Admin;
using OrleansCdn.Edge.Cache;
using OrleansCdn.Edge.Cache.Disk;
using OrleansCdn.Edge.Control;
using OrleansCdn.Edge.Dns;
using OrleansCdn.Edge.Health.Local;
using OrleansCdn.Edge.Origin;
using OrleansCdn.Edge.Tls;

namespace OrleansCdn.Edge.Hosting;

/// <summary>
/// The life of an edge. The order is what counts: what the disk knows is in force before anything listens, listeners open
/// before a silo is asked, and the silo is told where they really are.
/// </summary>
internal sealed partial class EdgeProcess(EdgeOptions options, TimeProvider time, ILoggerFactory loggers)
{
    /// <summary>Could not start, or could not go on: the message is on standard error.</summary>
    public const int ExitFailed = 1;

    /// <summary>Memory of the cache while the config has no entry for this edge: what fits the smallest server (1 GiB).</summary>
    private const long MemoryWithoutEntry = 256L << 20;

    private readonly ILogger _logger = loggers.CreateLogger("edge");

    public static string SoftwareVersion { get; } =
        typeof(EdgeProcess).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";

    /// <summary>Runs until <paramref name="stop"/>; the exit code.</summary>
    public async Task<int> RunAsync(CancellationToken stop)
    {
        try
        {
            return options.IsStandalone ? await RunStandaloneAsync(stop) : await RunWithSilosAsync(stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 0; // stopped while it was still waiting for its first config
        }
        catch (Exception e) when (e is IOException or CryptographicException)
        {
            await Console.Error.WriteLineAsync($"edge: {e.Message}");
            return ExitFailed;
        }
    }

    private async Task<int> RunWithSilosAsync(CancellationToken stop)
    {
        string edge = options.Edge!;
        using ControlStore store = ControlStore.Open(options.DataDirectory!, options.Pop, edge, loggers.CreateLogger("control"));
        EdgeSnapshot? snapshot = store.LoadSnapshot();
        Eligibility eligibility = store.LoadEligibility();
        PurgeCursor cursor = store.LoadCursor();
        DnsSecrets? secrets = store.LoadSecrets();

        using PurgeCatchUp catchUp = new(options.Silos.Length, time);
        EdgeState state = new(options.Pop, edge, new PurgeIndex()) { CatchUp = catchUp, Contact = new SiloContact() };
        state.Purges.Resume(cursor);
        state.Replace(eligibility);
        if (snapshot is not null)
        {
            state.Replace(snapshot);
            LogResumed(snapshot.Version, cursor);
        }

        if (secrets is not null)
        {
            state.Replace(secrets);
        }

        using LinkIdentity identity = LinkIdentity.Load(options.Link, time, loggers.CreateLogger("links"));
        using HttpMessageInvoker http = LinkHttp.ToSilos(identity);
        FeedStatusBoard board = new(new FeedStatus(FeedState.Connecting, null, time.GetUtcNow(), null));
        await using LeaseClient leases = LeaseClient.Over(http, board, time);
        using SiteCertificates certificates = new(state, time, loggers.CreateLogger("tls"));
        EdgeParts parts = Parts(state, leases, identity, certificates, board);

        ControlJournal journal = new(store, snapshot, cursor, eligibility, loggers.CreateLogger("control"), secrets?.Held);
        parts.Metrics.ControlTrouble = () => journal.Trouble;
        using FeedClient feed = new(
            options.Silos, http, state, parts.Metrics, journal, board, SoftwareVersion, time, new Random(), loggers.CreateLogger("feed"));
        try
        {
            ListenAddresses? plan = ListenPlan.Resolve(options, edge, state.Snapshot?.Config);
            if (plan is null)
            {
                LogWaits();
                await feed.StartAsync(stop);
                plan = await FirstPlanAsync(feed, state, stop);
            }

            return await ServeAsync(parts, plan, leases, applied => feed.ConfigApplied += applied, feed, cursor, stop);
        }
        finally
        {
            await feed.StopAsync(CancellationToken.None);
        }
    }

    private async Task<int> RunStandaloneAsync(CancellationToken stop)
    {
        StandaloneConfig file = new(options.ConfigFile!, options.Pop, options.Edge, loggers.CreateLogger("config"));
        if (file.Load() is not { } first)
        {
            return ExitFailed;
        }

        EdgeState state = new(options.Pop, first.Edge, new PurgeIndex());
        state.Replace(first.Snapshot);
        using LinkIdentity identity = LinkIdentity.Load(null, time, loggers.CreateLogger("links"));
        await using LeaseClient leases = LeaseClient.WithoutSilo(time);
        using SiteCertificates certificates = new(state, time, loggers.CreateLogger("tls"));
        FeedStatusBoard board = new(new FeedStatus(FeedState.Standalone, null, time.GetUtcNow(), null));
        EdgeParts parts = Parts(state, leases, identity, certificates, board);
        if (ListenPlan.Resolve(options, first.Edge, first.Snapshot.Config) is not { } plan)
        {
            throw new IOException($"the config names no http, https or dns address for edge {options.Pop}/{first.Edge}; add one or give --listen");
        }

        Action? applied = null;
        using IDisposable reload = file.ReloadOnHangup(reloaded =>
        {
            state.Replace(reloaded);
            applied?.Invoke();
        });
        return await ServeAsync(parts, plan, leases: null, handler => applied += handler, feed: null, saved: null, stop);
    }

    /// <param name="leases">Null: fills are not shared with other edges.</param>
    /// <param name="onConfig">Subscribes to new configs.</param>
    /// <param name="saved">The purge cursor that the disk had at the start; null in standalone mode.</param>
    private async Task<int> ServeAsync(
        EdgeParts parts, ListenAddresses plan, LeaseClient? leases, Action<Action> onConfig, FeedClient? feed, PurgeCursor? saved,
        CancellationToken stop)
    {
        ListenAddresses asked = plan;
        if (!ListenPlan.PeerIsSafe(plan, parts.Identity.IsConfigured))
        {
            LogPeerClosed(plan.Peer!.ToString());
            plan = plan with { Peer = null };
        }

        if (plan is { Http: null, Https: null, Peer: null, Admin: null })
        {
            // A nameserver alone: without any listener the web server would open one of its own choice.
            plan = plan with { Admin = new IPEndPoint(IPAddress.Loopback, 0) };
        }

        EdgeConfig? Entry() => ListenPlan.Entry(options.Pop, parts.State.Edge, parts.State.Snapshot?.Config);
        using DiskStore? disk = OpenDisk(parts, Entry()?.Disk, saved, isFirst: feed?.ExecuteTask is null);
        using DataPlane plane = new(
            parts.State,
            parts.Metrics,
            new LinkHttp(parts.Identity, PeerPool.NewHandler),
            leases,
            () => parts.Addresses.Peer,
            Entry()?.MemoryBytes ?? MemoryWithoutEntry,
            time,
            loggers,
            disk: disk);
        using HostWatch host = new([.. new[] { options.DataDirectory, Entry()?.Disk?.Path }.OfType<string>()], time);
        parts.Host = () => host.Facts;
        using PrewarmQueue prewarms = new(parts.State, plane.Prewarmer.RunAsync, time, loggers.CreateLogger("prewarm"));
        disk?.Start();
        await plane.Sweeper.StartAsync(stop);
        await plane.Popularity.StartAsync(stop);
        parts.Certificates.Start();
        onConfig(() => ApplyConfig(parts, plane, asked));
        plane.ApplyConfig(); // the one that is in force already

        await using WebApplication app = EdgeServer.Build(parts, plan, plane.Pipeline.HandleAsync, new AdminEndpoint(parts, SoftwareVersion));
        await app.StartAsync(stop);
        ListenAddresses bound = EdgeServer.Bound(app, plan);
        parts.Addresses = ListenPlan.Describe(bound, Entry(), parts.Identity.IsConfigured);
        LogListens(parts.State.Pop, parts.State.Edge, bound);
        await using DnsService dns = StartDns(parts, onConfig);
        plane.ServeVisits(() => dns.Visits);
        if (feed is not null)
        {
            feed.Explain = plane.Explainer.ExplainAsync;
            feed.Prewarm = prewarms.Take;
            feed.Cover = plane.Coverage.ReadAsync;
            feed.ExplainDns = dns.Explain;
            feed.Announce(parts.Addresses);
            if (feed.ExecuteTask is null)
            {
                await feed.StartAsync(stop);
            }

            plane.Peers.Changed += feed.Tell;
            await plane.Peers.StartAsync(stop);
        }

        await app.WaitForShutdownAsync(stop);
        LogStops();
        await plane.Sweeper.StopAsync(CancellationToken.None);
        await plane.Popularity.StopAsync(CancellationToken.None);
        await plane.Peers.StopAsync(CancellationToken.None);
        if (feed is not null)
        {
            await feed.FarewellAsync();
            // Before the disk is closed: purges are acknowledged only once they are in its journal.
            await feed.StopAsync(CancellationToken.None);
        }

        return 0;
    }

    /// <summary>After the listeners for HTTP: its answers lead there.</summary>
    private DnsService StartDns(EdgeParts parts, Action<Action> onConfig)
    {
        DnsService dns = new(parts.State, snapshot => ListenPlan.Dns(options, parts.State.Edge, snapshot.Config), time, loggers);
        parts.Dns = dns;
        parts.Metrics.Dns = dns.Summary;
        parts.State.EligibilityReplaced += dns.Changed;
        parts.State.EligibilityReplaced += dns.Compiler.EligibilityReplaced;
        parts.State.DnsSecretsReplaced += dns.Changed;
        onConfig(dns.Compiler.ConfigApplied);
        dns.Start();
        return dns;
    }

    /// <summary>Null: memory only, because the config says so or because the directory cannot be used.</summary>
    private DiskStore? OpenDisk(EdgeParts parts, DiskConfig? disk, PurgeCursor? saved, bool isFirst)
    {
        if (disk is null)
        {
            return null;
        }

        EdgeState state = parts.State;
        DiskStore? store = DiskStore.TryOpen(
            disk.Path, disk.SizeBytes, state.Purges, saved, isFirst, time, loggers.CreateLogger("disk"), out string? failure);
        if (store is null)
        {
            EdgeDisk failed = DiskStore.ReportFailed(failure ?? "it cannot be used", disk.SizeBytes);
            parts.Metrics.Disk = () => failed;
        }
        else if (state.CatchUp is { } catchUp)
        {
            store.IsCaughtUp = () => catchUp.IsOpen;
        }

        return store;
    }

    private void ApplyConfig(EdgeParts parts, DataPlane plane, ListenAddresses asked)
    {
        if (parts.State.Snapshot is not { } snapshot)
        {
            return;
        }

        parts.Certificates.Refresh();
        plane.ApplyConfig();
        ListenAddresses? wanted = ListenPlan.Resolve(options, parts.State.Edge, snapshot.Config);

        // The nameserver moves by itself.
        if (wanted is not null && wanted with { Dns = null } != asked with { Dns = null })
        {
            LogMoved();
        }
    }

    private async Task<ListenAddresses> FirstPlanAsync(FeedClient feed, EdgeState state, CancellationToken stop)
    {
        TaskCompletionSource<ListenAddresses> known = new(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look()
        {
            if (ListenPlan.Resolve(options, state.Edge, state.Snapshot?.Config) is { } plan)
            {
                known.TrySetResult(plan);
            }
            else if (state.Snapshot is { } snapshot)
            {
                LogNoAddress(snapshot.Version, state.Pop, state.Edge);
            }
        }

        feed.ConfigApplied += Look;
        try
        {
            Look(); // what came before this handler was there
            return await known.Task.WaitAsync(stop);
        }
        finally
        {
            feed.ConfigApplied -= Look;
        }
    }

    private EdgeParts Parts(EdgeState state, LeaseClient leases, LinkIdentity identity, SiteCertificates certificates, FeedStatusBoard board) => new()
    {
        State = state,
        Metrics = new EdgeMetrics(),
        Leases = leases,
        Identity = identity,
        Certificates = certificates,
        Feed = board,
        Time = time,
        Loggers = loggers,
    };

    [LoggerMessage(Level = LogLevel.Information, Message = "config version {Version} and purges up to {Cursor} from disk are in force")]
    private partial void LogResumed(long version, PurgeCursor cursor);

    [LoggerMessage(Level = LogLevel.Information, Message = "no address to listen on is known yet: waiting for the first config from a silo")]
    private partial void LogWaits();

    [LoggerMessage(Level = LogLevel.Error, Message = "config version {Version} names no address for edge {Pop}/{Edge}; waiting for one that does")]
    private partial void LogNoAddress(long version, string pop, string edge);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Pop}/{Edge} listens: {Addresses}")]
    private partial void LogListens(string pop, string edge, ListenAddresses addresses);

    [LoggerMessage(Level = LogLevel.Error, Message = "the peer address {Peer} is not on loopback and there is no certificate: it stays closed. Give --peer-certificate, --peer-key and --ca")]
    private partial void LogPeerClosed(string peer);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the config names other addresses for this edge than it listens on; restart it to move")]
    private partial void LogMoved();

    [LoggerMessage(Level = LogLevel.Information, Message = "stopping")]
    private partial void LogStops();
}
