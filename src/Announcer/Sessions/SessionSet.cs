using System.Collections.Immutable;
using System.Net;
using OrleansCdn.Bgp.Transport;
using OrleansCdn.Bgp.Wire;
using OrleansCdn.Contracts.Failover;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Announcer.Sessions;

/// <summary>What every session of this process has in common.</summary>
internal sealed record SessionCommons
{
    public required LocalAddresses Addresses { get; init; }

    /// <summary>Whether the process is at work, to a session with the hold time given.</summary>
    public required Func<TimeSpan, bool> IsAlive { get; init; }

    /// <summary>Takes neighbours' connections; null: sessions are opened from here alone.</summary>
    public SessionListener? Listener { get; init; }

    public required TimeProvider Time { get; init; }

    public required ILoggerFactory Loggers { get; init; }

    /// <summary>Of the sessions' jitter.</summary>
    public required Random Random { get; init; }
}

/// <summary>
/// The sessions of this server, brought to what is desired: <see cref="Set(DesiredAnnouncements)"/> is handed all of it. What is there and stays
/// the same is not touched, so that a change of one upstream flaps no other.
/// </summary>
internal sealed partial class SessionSet(SessionCommons commons) : IAsyncDisposable
{
    private readonly ILogger _logger = commons.Loggers.CreateLogger("sessions");
    private readonly Lock _lock = new();
    private readonly Dictionary<IPEndPoint, Session> _sessions = [];

    /// <summary>Sessions under way out; the next one with the same neighbour waits for it.</summary>
    private readonly Dictionary<IPEndPoint, Task> _leaving = [];

    /// <summary>Held for moments only: a withdrawal has to be out before what it relies on is over, whatever the disk is at.</summary>
    private readonly Lock _leveling = new();
    private ImmutableList<Session> _leveled = [];
    private AnnouncementLevel _level = AnnouncementLevel.Withdrawn;

    private ImmutableArray<string> _planProblems = [];
    private bool _hasStopped;

    /// <summary>At least one neighbour has what it is to have.</summary>
    public bool IsOnWire
    {
        get
        {
            ImmutableList<Session> sessions;
            lock (_leveling)
            {
                sessions = _leveled;
            }

            return sessions.Exists(s => s.Runner.IsAnnouncing);
        }
    }

    /// <summary>What of the routes is announced, on all sessions and on those to come; <see cref="AnnouncementLevel.Withdrawn"/> in the beginning: sessions are held, and nothing is announced on them.</summary>
    public void Set(AnnouncementLevel level)
    {
        lock (_leveling)
        {
            _level = level;
            foreach (Session session in _leveled)
            {
                session.Set(level);
            }
        }
    }

    /// <summary>Brings sessions and routes to what is desired.</summary>
    /// <param name="desired">Checked, and all there is to do.</param>
    public void Set(DesiredAnnouncements desired)
    {
        var problems = ImmutableArray.CreateBuilder<string>();
        ImmutableDictionary<IPEndPoint, PlannedSession> plan = SessionPlan.Of(desired, problems);
        lock (_lock)
        {
            if (_hasStopped)
            {
                return;
            }

            _planProblems = problems.ToImmutable();
            foreach ((IPEndPoint neighbor, Session session) in _sessions.ToArray())
            {
                if (!plan.TryGetValue(neighbor, out PlannedSession? planned))
                {
                    LogRemoved(session.Planned.Upstream, neighbor);
                    Leave_NeedsLock(session, CeaseSubcode.PeerDeconfigured, "");
                }
                else if (planned.Identity != session.Planned.Identity)
                {
                    LogChanged(planned.Upstream, neighbor);
                    Leave_NeedsLock(session, CeaseSubcode.OtherConfigurationChange, "");
                }
            }

            foreach (PlannedSession planned in plan.Values)
            {
                if (_sessions.TryGetValue(planned.Identity.Neighbor, out Session? session))
                {
                    session.Set(planned);
                }
                else
                {
                    Begin_NeedsLock(planned);
                }
            }
        }
    }

    /// <summary>Looks after what can go wrong beside the protocol; called each second. It looks at files, so that nothing that has to be on time waits for it.</summary>
    public void Mend()
    {
        lock (_lock)
        {
            foreach (Session session in _sessions.Values.ToArray())
            {
                if (session.Runner.Completion.IsFaulted && !_hasStopped && commons.Time.GetElapsedTime(session.BeganAt) >= Session.FaultWait)
                {
                    LogFault(session.Planned.Upstream, session.Planned.Identity.Neighbor, session.Runner.Completion.Exception);
                    Leave_NeedsLock(session, CeaseSubcode.AdministrativeReset, "");
                    Begin_NeedsLock(session.Planned);
                }
                else
                {
                    session.LookAfterPassword();
                }
            }
        }
    }

    /// <summary>In the order of upstreams and neighbours.</summary>
    public ImmutableArray<ObservedSession> Observe()
    {
        lock (_lock)
        {
            return
            [
                .. _sessions.Values
                    .OrderBy(s => s.Planned.Upstream, StringComparer.Ordinal).ThenBy(s => s.Planned.Identity.Neighbor.ToString(), StringComparer.Ordinal)
                    .Select(s => s.Runner.Observe(s.Planned.Upstream, s.Planned.Revision)),
            ];
        }
    }

    /// <summary>What an operator has to mend.</summary>
    public ImmutableArray<string> Problems()
    {
        lock (_lock)
        {
            return [.. _planProblems, .. _sessions.Values.SelectMany(s => s.Problems()).Distinct().Order(StringComparer.Ordinal)];
        }
    }

    /// <summary>The planned end: every neighbour is told before its connection closes (RFC 9003).</summary>
    public async Task StopAsync(string text)
    {
        Task[] leaving;
        lock (_lock)
        {
            _hasStopped = true;
            foreach (Session session in _sessions.Values.ToArray())
            {
                Leave_NeedsLock(session, CeaseSubcode.AdministrativeShutdown, text);
            }

            leaving = [.. _leaving.Values];
        }

        await Task.WhenAll(leaving);
    }

    public async ValueTask DisposeAsync() => await StopAsync("");

    private void Begin_NeedsLock(PlannedSession planned)
    {
        IPEndPoint neighbor = planned.Identity.Neighbor;
        var session = new Session(planned, commons, commons.Random.Next());
        _sessions[neighbor] = session;
        lock (_leveling)
        {
            session.Set(_level);
            _leveled = _leveled.Add(session);
        }

        LogBegun(planned.Upstream, neighbor, planned.Identity.PeerAsn);

        // One after the other: a neighbour takes no second session beside the one that is being ended.
        foreach (IPEndPoint gone in _leaving.Where(l => l.Value.IsCompleted).Select(l => l.Key).ToArray())
        {
            _ = _leaving.Remove(gone);
        }

        if (_leaving.TryGetValue(neighbor, out Task? before))
        {
            _ = before.ContinueWith(_ => StartLater(session), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
        else
        {
            session.Start();
        }
    }

    /// <summary>Unless it has been taken away while it waited.</summary>
    private void StartLater(Session session)
    {
        lock (_lock)
        {
            if (_sessions.GetValueOrDefault(session.Planned.Identity.Neighbor) == session)
            {
                session.Start();
            }
        }
    }

    private void Leave_NeedsLock(Session session, CeaseSubcode subcode, string text)
    {
        IPEndPoint neighbor = session.Planned.Identity.Neighbor;
        _ = _sessions.Remove(neighbor);
        lock (_leveling)
        {
            _leveled = _leveled.Remove(session);
        }

        Task leaving = session.LeaveAsync(subcode, text);
        _leaving[neighbor] = _leaving.TryGetValue(neighbor, out Task? before) ? Task.WhenAll(before, leaving) : leaving;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Upstream} {Neighbor} (AS{Asn}): a session")]
    private partial void LogBegun(string upstream, IPEndPoint neighbor, uint asn);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Upstream} {Neighbor}: no longer desired, the session ends")]
    private partial void LogRemoved(string upstream, IPEndPoint neighbor);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Upstream} {Neighbor}: another session is desired, this one ends")]
    private partial void LogChanged(string upstream, IPEndPoint neighbor);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Upstream} {Neighbor}: the session has failed by a fault of this program; it is begun anew")]
    private partial void LogFault(string upstream, IPEndPoint neighbor, Exception? exception);
}
