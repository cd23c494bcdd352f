using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using OrleansCdn.Bgp.Fsm;
using OrleansCdn.Bgp.Wire;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Bgp.Transport;

/// <summary>Parts of a session that live outside of it. The callbacks run on the session's loop, one at a time, and are short.</summary>
public sealed record SessionHooks
{
    /// <summary>Whether the rest of the process is at work, to a session that may be silent for the time given; null: it always is.</summary>
    public Func<TimeSpan, bool>? IsAlive { get; init; }

    /// <summary>The body of an UPDATE of the peer, and whether its AS numbers have four octets (RFC 6793); see <see cref="UpdateReader"/>.</summary>
    public Action<ReadOnlyMemory<byte>, bool>? Updated { get; init; }

    /// <summary>From and to. What the peer has announced is void when it leaves Established.</summary>
    public Action<BgpState, BgpState>? StateChanged { get; init; }
}

/// <summary>
/// One BGP session with its sockets: a serial loop that hands everything to <see cref="BgpSessionMachine"/> and does what it says.
/// All members may be called from any thread; none of them waits but the last.
/// </summary>
public sealed partial class SessionRunner : IAsyncDisposable
{
    /// <summary>A full receive buffer of shortest messages (8,192 / 19) is some 430; more waits in the sockets.</summary>
    private const int MaxInbox = 512;

    /// <summary>The state machine has two (RFC 4271 §6.8); the others are being closed, which takes them a second.</summary>
    private const int MaxOpen = 8;

    /// <summary>How often the watchdog is asked, and what the state machine wants to hear at least.</summary>
    private static readonly TimeSpan TickInterval = TimeSpan.FromSeconds(1);

    private readonly TcpPeer _peer;
    private readonly SessionSettings _settings;
    private readonly SessionHooks _hooks;
    private readonly TimeProvider _time;
    private readonly long _origin;
    private readonly BgpSessionMachine _machine;
    private readonly Channel<SessionInput> _inbox = Channel.CreateBounded<SessionInput>(new BoundedChannelOptions(MaxInbox) { SingleReader = true });
    private readonly Dictionary<long, SessionConnection> _connections = [];
    private readonly Dictionary<long, CancellationTokenSource> _attempts = [];
    private readonly HashSet<Task> _endings = [];
    private readonly List<SessionAction> _actions = [];
    private readonly ITimer _timer;

    // Of the machine: the loop steps it, others look at it.
    private readonly Lock _lock = new();
    private TimeSpan _nextTick;
    private volatile Wanted? _wanted;
    private volatile Parting? _parting;
    private volatile bool _isStarted;
    private volatile string? _nextHopProblem;

    /// <param name="peer">How it is reached.</param>
    /// <param name="settings">What is agreed with it.</param>
    /// <param name="hooks">What is told and asked.</param>
    /// <param name="time">Every timer and every moment.</param>
    /// <param name="seed">Of the jitter.</param>
    public SessionRunner(TcpPeer peer, SessionSettings settings, SessionHooks hooks, TimeProvider time, int seed)
    {
        _peer = peer;
        _settings = settings;
        _hooks = hooks;
        _time = time;
        _origin = time.GetTimestamp();
        _machine = new BgpSessionMachine(settings, seed, TimeSpan.Zero);
        _timer = time.CreateTimer(static self => ((SessionRunner)self!).Wake(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Completion = Task.Run(RunAsync);
    }

    private sealed record Wanted(ImmutableArray<DesiredRoute> Routes, ImmutableArray<IPNetwork> Allowed);

    private sealed record Parting(CeaseSubcode Subcode, string Text);

    /// <summary>Ends with the session. It fails on a bug alone: then every connection was aborted.</summary>
    public Task Completion { get; }

    public TcpPeer Peer => _peer;

    /// <summary>Proposed.</summary>
    internal TimeSpan HoldTime => _settings.HoldTime;

    public BgpState State
    {
        get
        {
            lock (_lock)
            {
                return _machine.State;
            }
        }
    }

    /// <summary>The peer has been handed the routes that it is to have, and there are some.</summary>
    public bool IsAnnouncing
    {
        get
        {
            lock (_lock)
            {
                return _machine.IsAnnouncing;
            }
        }
    }

    /// <summary>What is desired and cannot be put on the wire, as of the last attempt to.</summary>
    public ImmutableArray<RefusedRoute> Refused
    {
        get
        {
            lock (_lock)
            {
                return _machine.Refused;
            }
        }
    }

    /// <summary>Why the last connection had no next hop for a family; null: it had all that it needs.</summary>
    public string? NextHopProblem => _nextHopProblem;

    /// <summary>Begins to connect, or to wait for the neighbour.</summary>
    public void Start()
    {
        _isStarted = true;
        Wake();
    }

    /// <summary>All that the peer is to be told, and what may be told at all. The newest call counts.</summary>
    public void Set(ImmutableArray<DesiredRoute> routes, ImmutableArray<IPNetwork> allowed)
    {
        _wanted = new Wanted(routes, allowed);
        Wake();
    }

    /// <summary>A connection of this neighbour from a listener, which has checked where it comes from. Closed when the session does not want it.</summary>
    public void Accept(Socket socket)
    {
        if (!_inbox.Writer.TryWrite(new SessionInput(SessionInputKind.Accepted) { Socket = socket }))
        {
            socket.Dispose();
        }
    }

    /// <param name="upstream">Id of the upstream.</param>
    /// <param name="revision">Of what was <see cref="Set"/>.</param>
    public ObservedSession Observe(string upstream, long revision)
    {
        lock (_lock)
        {
            return _machine.Observe(upstream, _peer.Remote, revision, Now, _time.GetUtcNow());
        }
    }

    /// <summary>Ends the session: every connection gets its NOTIFICATION. Complete when it is out, or a second later.</summary>
    /// <param name="subcode">What the peer is told.</param>
    /// <param name="text">RFC 9003; empty: none.</param>
    public async Task StopAsync(CeaseSubcode subcode, string text)
    {
        _parting ??= new Parting(subcode, text);
        Wake();
        await Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(CeaseSubcode.AdministrativeShutdown, "");
        await _timer.DisposeAsync();
    }

    private TimeSpan Now => _time.GetElapsedTime(_origin);

    /// <summary>A full inbox is awake already.</summary>
    private void Wake() => _inbox.Writer.TryWrite(new SessionInput(SessionInputKind.Wake));
}
