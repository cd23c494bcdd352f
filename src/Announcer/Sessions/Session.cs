using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using OrleansCdn.Bgp.Fsm;
using OrleansCdn.Bgp.Transport;
using OrleansCdn.Bgp.Wire;
using OrleansCdn.Contracts.Failover;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Node.Links;
using OrleansCdn.Node.Tls;

namespace OrleansCdn.Announcer.Sessions;

/// <summary>
/// One session: what is planned for it, who runs it, and the files and listeners that belong to it. Guarded by the set's lock, but for the level,
/// which changes while that is held for a look at files.
/// </summary>
internal sealed partial class Session
{
    /// <summary>After a fault of this program; what broke it is likely to come again at once.</summary>
    public static readonly TimeSpan FaultWait = TimeSpan.FromSeconds(60);

    private readonly SessionCommons _commons;
    private readonly ILogger _logger;

    /// <summary>Of what the runner is told: plan and level come from two threads.</summary>
    private readonly Lock _telling = new();
    private AnnouncementLevel _level;
    private FileStamp _password;
    private long _lookedAt;
    private ImmutableArray<string> _passwordProblems = [];
    private string? _listenProblem;

    public Session(PlannedSession planned, SessionCommons commons, int seed)
    {
        Planned = planned;
        _commons = commons;
        _logger = commons.Loggers.CreateLogger("bgp");
        SessionIdentity identity = planned.Identity;
        LocalAddresses addresses = commons.Addresses;
        var peer = new TcpPeer
        {
            Remote = identity.Neighbor,
            Source = addresses.Sources.FirstOrDefault(s => s.AddressFamily == identity.Neighbor.AddressFamily),
            Hops = identity.Hops,
            TtlSecurity = identity.TtlSecurity,
            ReadPassword = identity.PasswordFile is { } file ? () => PasswordFile.Read(file) : null,
            NextHopIpv4 = addresses.NextHopIpv4,
            NextHopIpv6 = addresses.NextHopIpv6,
        };
        var hooks = new SessionHooks { IsAlive = commons.IsAlive, StateChanged = Log };
        Runner = new SessionRunner(peer, identity.ToSettings(addresses.RouterId), hooks, commons.Time, seed);
        BeganAt = commons.Time.GetTimestamp();
    }

    public PlannedSession Planned { get; private set; }

    public SessionRunner Runner { get; }

    public long BeganAt { get; }

    public void Start()
    {
        ReadPassword();
        Runner.Start();
    }

    public void Set(PlannedSession planned)
    {
        lock (_telling)
        {
            Planned = planned;
            Tell_NeedsLock();
        }
    }

    public void Set(AnnouncementLevel level)
    {
        lock (_telling)
        {
            _level = level;
            Tell_NeedsLock();
        }
    }

    private void Tell_NeedsLock() => Runner.Set(Planned.Routes.At(_level), Planned.Allowed);

    /// <summary>Reads a replaced password again: the next connection, from either side, is made with it.</summary>
    public void LookAfterPassword()
    {
        if (Planned.Identity.PasswordFile is { } file
            && _commons.Time.GetElapsedTime(_lookedAt) >= FileStamp.LookInterval
            && (_listenProblem is not null || FileStamp.Of(file) != _password))
        {
            ReadPassword();
        }
    }

    public IEnumerable<string> Problems()
    {
        string name = $"{Planned.Upstream} {Planned.Identity.Neighbor}";
        IEnumerable<string> problems = [.. _passwordProblems.Select(p => $"{name}: {p}")];
        problems = _listenProblem is { } listen ? problems.Append($"{name}: {listen}") : problems;
        problems = Runner.Completion.IsFaulted ? problems.Append($"{name}: the session has failed by a fault of this program; it is begun anew") : problems;
        if (Runner.State != BgpState.Established)
        {
            return problems;
        }

        // What the plan has said already is not said for each session.
        return problems.Concat(Runner.Refused.Where(r => r.Reason != EncodeRefusal.NotAllowed).Select(r => $"{name}: {r.Prefix} is not announced: {Reason(r.Reason)}"));
    }

    public async Task LeaveAsync(CeaseSubcode subcode, string text)
    {
        _commons.Listener?.Remove(Runner);
        await Runner.StopAsync(subcode, text);
        await Runner.DisposeAsync();
    }

    private string Reason(EncodeRefusal reason) => reason switch
    {
        EncodeRefusal.FamilyNotNegotiated => "the neighbour does not carry its address family",
        EncodeRefusal.NoNextHop => Runner.NextHopProblem is { } problem ? $"{problem} (--next-hop-ipv4, --next-hop-ipv6)" : "there is no next hop for it",
        EncodeRefusal.TooManyPrepends => $"more than {AnnouncementWriter.MaxPrepend} prepends",
        EncodeRefusal.TooLong => $"its communities do not fit a message of {BgpWire.MaxMessageLength} octets",
        _ => reason.ToString(),
    };

    private void ReadPassword()
    {
        _lookedAt = _commons.Time.GetTimestamp();
        if (Planned.Identity.PasswordFile is { } file)
        {
            _password = FileStamp.Of(file);
            _passwordProblems = PasswordFile.Problems(file);
        }

        try
        {
            _commons.Listener?.Add(Runner);
            _listenProblem = null;
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            _listenProblem = $"its connections are not taken: {OneLine.Printable(e.Message)}";
        }
    }

    private void Log(BgpState from, BgpState to)
    {
        if (to == BgpState.Established)
        {
            LogEstablished(Planned.Upstream, Planned.Identity.Neighbor);
        }
        else if (from == BgpState.Established)
        {
            LogLost(Planned.Upstream, Planned.Identity.Neighbor, Runner.Observe(Planned.Upstream, 0).LastError?.Text ?? "ended from this side");
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Upstream} {Neighbor}: Established")]
    private partial void LogEstablished(string upstream, IPEndPoint neighbor);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Upstream} {Neighbor}: no longer Established: {Reason}")]
    private partial void LogLost(string upstream, IPEndPoint neighbor, string reason);
}
