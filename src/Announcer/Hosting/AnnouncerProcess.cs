using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using OrleansCdn.Announcer.Admin;
using OrleansCdn.Announcer.Control;
using OrleansCdn.Announcer.Desired;
using OrleansCdn.Announcer.Failover;
using OrleansCdn.Announcer.Health;
using OrleansCdn.Announcer.Health.Probes;
using OrleansCdn.Announcer.Sessions;
using OrleansCdn.Bgp.Transport;
using OrleansCdn.Bgp.Wire;
using OrleansCdn.Contracts.Failover;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Failover;
using OrleansCdn.Node.Disk;
using OrleansCdn.Node.Links;
using OrleansCdn.Node.Tls;

namespace OrleansCdn.Announcer.Hosting;

/// <summary>
/// The life of an announcer. What the disk or the file says is known before anything starts; listeners are open before a session begins,
/// so that a wrong address is told at once; at the end the neighbours are told before their connections close.
/// </summary>
internal sealed partial class AnnouncerProcess(AnnouncerOptions options, TimeProvider time, ILoggerFactory loggers)
{
    /// <summary>Could not start, or could not go on: the message is on standard error.</summary>
    public const int ExitFailed = 1;

    /// <summary>The neighbours are told by then: a disk that hangs keeps the process no longer.</summary>
    private static readonly TimeSpan DiskPatience = TimeSpan.FromSeconds(2);

    private readonly ILogger _logger = loggers.CreateLogger("announcer");
    private readonly AnnouncerState _state = new();
    private readonly FailoverInbox _inbox = new();
    private readonly FailoverOutbox _outbox = new(time);
    private readonly WakeUp _disk = new();
    private readonly ReportBoard _reports = new(time);

    public static string SoftwareVersion { get; } =
        typeof(AnnouncerProcess).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";

    /// <summary>Runs until <paramref name="stop"/>; the exit code.</summary>
    public async Task<int> RunAsync(CancellationToken stop)
    {
        try
        {
            return options.IsStandalone ? await RunStandaloneAsync(stop) : await RunWithSilosAsync(stop);
        }
        catch (Exception e) when (e is IOException or CryptographicException or SocketException)
        {
            await Console.Error.WriteLineAsync($"announcer: {e.Message}");
            return ExitFailed;
        }
    }

    private async Task<int> RunStandaloneAsync(CancellationToken stop)
    {
        using StandaloneFeed feed = new(new DesiredFile(options.DesiredFile!), options.DesiredFile!, _state, time, loggers.CreateLogger("file"));
        ImmutableArray<string> problems = feed.Load();
        foreach (string problem in problems)
        {
            await Console.Error.WriteLineAsync($"announcer: {problem}");
        }

        FeedStatusBoard board = new(new FeedStatus(FeedState.Standalone, null, time.GetUtcNow(), null));
        return problems.IsEmpty ? await ServeAsync(feed, board, new Memory(Keeper(null), null, null), stop) : ExitFailed;
    }

    private async Task<int> RunWithSilosAsync(CancellationToken stop)
    {
        ILogger disk = loggers.CreateLogger("disk");
        using StateDirectory directory = StateDirectory.Open(options.DataDirectory!, DesiredStore.DirectoryName, disk);
        DesiredStore store = new(directory, options.Pop, options.Edge);
        DesiredAnnouncements? saved = store.Load();
        if (saved is not null)
        {
            _ = _state.Offer(saved);
            LogResumed(saved.ConfigVersion, saved.Epoch);
        }

        FailoverStore promises = new(directory, options.Pop, options.Edge);
        Memory memory = new(Keeper(promises), promises.Load(), new DesiredJournal(store, saved, _state, time, disk));
        using LinkIdentity identity = LinkIdentity.Load(options.Link, time, loggers.CreateLogger("links"));
        using HttpMessageInvoker http = LinkHttp.ToSilos(identity);
        FeedStatusBoard board = new(new FeedStatus(FeedState.Connecting, null, time.GetUtcNow(), null));
        AnnouncerHello hello = new()
        {
            Protocol = AnnouncerProtocol.Version,
            Pop = options.Pop,
            Edge = options.Edge,
            Instance = "",
            SoftwareVersion = SoftwareVersion,
            Admin = options.Admin is { Port: > 0 } admin ? $"http://{admin}" : null,
        };
        using AnnouncerFeed feed = new(options.Silos, http, hello, _state, _reports, _inbox, _outbox, _disk, board, time, new Random(), loggers.CreateLogger("feed"));
        return await ServeAsync(feed, board, memory, stop);
    }

    /// <param name="Keeper">Of promises.</param>
    /// <param name="Before">What the process before has left; null: nothing.</param>
    /// <param name="Journal">Of the desired state; null: it is a file that is somebody else's.</param>
    private sealed record Memory(FailoverKeeper Keeper, FailoverDurable? Before, DesiredJournal? Journal);

    private FailoverKeeper Keeper(FailoverStore? store) => new(store, _disk, time, loggers.CreateLogger("disk"));

    /// <param name="feed">Where the desired state comes from.</param>
    /// <param name="board">How it stands.</param>
    /// <param name="memory">What outlives the process.</param>
    /// <param name="stop">The end.</param>
    private async Task<int> ServeAsync(BackgroundService feed, FeedStatusBoard board, Memory memory, CancellationToken stop)
    {
        await using SessionListener? listener = OpenListener();
        Pulse looks = new(time);
        Pulse decides = new(time);
        await using SessionSet sessions = new(new SessionCommons
        {
            Addresses = options.Addresses,
            IsAlive = new Watchdog(looks, decides).IsAlive,
            Listener = listener,
            Time = time,
            Loggers = loggers,
            Random = new Random(),
        });
        FailoverHooks hooks = new()
        {
            Self = new KnownServer(options.Edge, options.Pop),
            SetLevel = sessions.Set,
            IsOnWire = () => sessions.IsOnWire,
            IsConnected = () => board.Current.State == FeedState.Connected,
            Keeper = memory.Keeper,
            Outbox = _outbox,
            State = _state,
            Time = time,
        };
        FailoverDriver driver = new(hooks, memory.Before, options.Rise, new Random(), loggers.CreateLogger("failover"));
        await using AdminServer? admin = options.Admin is { } at
            ? await AdminServer.OpenAsync(at, new AdminEndpoint(options, _state, board, _reports, _inbox, listener, time, SoftwareVersion), loggers)
            : null;
        using EdgeAdmin? edge = options.EdgeAdmin is { } url ? new EdgeAdmin(url, options.Pop, options.Edge, time) : null;
        using HealthLoop health = new(looks, Sources(edge, memory), _inbox, time, loggers.CreateLogger("health"));
        using FailoverLoop failover = new(driver, _inbox, decides, time, loggers.CreateLogger("failover"));
        using Steward steward = new(_state, sessions, _reports, time, loggers.CreateLogger("announcer"));
        using DiskLoop disk = new(memory.Keeper, memory.Journal, _disk, _inbox, time, loggers.CreateLogger("disk"));
        BackgroundService[] loops = [health, failover, steward, disk, feed];
        var routerId = OpenMessage.Quad(options.Addresses.RouterId);
        LogStarts(options.Pop, options.Edge, routerId, listener?.Local, admin?.Local);
        foreach (BackgroundService loop in loops)
        {
            await loop.StartAsync(CancellationToken.None);
        }

        int exit = await UntilOverAsync(loops, stop);
        LogStops();

        // First nobody wants anything new; then the neighbours are told.
        await feed.StopAsync(CancellationToken.None);
        await steward.StopAsync(CancellationToken.None);
        await sessions.StopAsync($"the announcer of {options.Pop}/{options.Edge} is being stopped");
        await failover.StopAsync(CancellationToken.None);
        await health.StopAsync(CancellationToken.None);
        using CancellationTokenSource patience = new(DiskPatience, time);
        await disk.StopAsync(patience.Token);
        return exit;
    }

    private HealthSources Sources(EdgeAdmin? edge, Memory memory)
    {
        X509Certificate2Collection authorities = options.ProbeAuthorities is { } file ? PemPair.LoadAuthorities(file) : [];
        return new HealthSources
        {
            Given = options.Probes,
            NeedsProof = options.NeedsProof,
            NewProbe = target => target.IsOfEdge ? new VisitorProbe(target, options.Pop, options.Edge, authorities, time) : new UrlProbe(target, time),
            AskEdge = edge is null ? null : edge.AskAsync,
            DiskTrouble = options.DataDirectory is null ? null : () => memory.Keeper.Failure ?? memory.Journal?.Failure,
        };
    }

    /// <summary>None of the loops ends by itself: one that does is a fault, and then the routes must not outlive it.</summary>
    private async Task<int> UntilOverAsync(BackgroundService[] loops, CancellationToken stop)
    {
        TaskCompletionSource stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CancellationTokenRegistration _ = stop.Register(stopped.SetResult);
        Task over = await Task.WhenAny([stopped.Task, .. loops.Select(l => l.ExecuteTask!)]);
        if (over == stopped.Task)
        {
            return 0;
        }

        LogFault(over.Exception);
        return ExitFailed;
    }

    private SessionListener? OpenListener()
    {
        try
        {
            return options.Listen is { } listen ? SessionListener.Open(listen, time) : null;
        }
        catch (SocketException e)
        {
            throw new IOException($"cannot listen on {options.Listen}: {e.Message}; port 179 needs CAP_NET_BIND_SERVICE, and a BGP daemon on this server may have it", e);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "the desired state of config version {Version} (epoch {Epoch}) from disk is in force")]
    private partial void LogResumed(long version, string epoch);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Pop}/{Edge} starts: BGP Identifier {RouterId}, neighbours may connect to: {Listen}, status page: {Admin}")]
    private partial void LogStarts(string pop, string edge, string routerId, IPEndPoint? listen, IPEndPoint? admin);

    [LoggerMessage(Level = LogLevel.Information, Message = "stopping: the neighbours are told")]
    private partial void LogStops();

    [LoggerMessage(Level = LogLevel.Error, Message = "a part of this process has ended by a fault; so does the process")]
    private partial void LogFault(Exception? exception);
}
