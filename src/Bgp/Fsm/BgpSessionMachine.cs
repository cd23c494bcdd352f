using System.Collections.Immutable;
using OrleansCdn.Bgp.Wire;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Bgp.Fsm;

/// <summary>
/// The state machine of one BGP session (RFC 4271 §8): it is told what happened and says what to do. It knows no sockets and no clock;
/// the same events at the same times give the same actions.
/// </summary>
/// <remarks>Used by one thread at a time. All times are since an origin that the caller chooses and keeps.</remarks>
public sealed partial class BgpSessionMachine
{
    /// <summary>RFC 4271 §8.2.2: "a large value", 4 minutes suggested, until the peer's OPEN has come.</summary>
    private static readonly TimeSpan OpenHold = TimeSpan.FromMinutes(4);

    /// <summary>A neighbour is a few hops away at most: what has not answered by then will not.</summary>
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(15);

    private readonly SessionSettings _settings;
    private readonly Random _random;
    private readonly ReconnectBackoff _backoff;
    private readonly AdjRibOut _adjRibOut = new();
    private readonly List<Connection> _connections = [];
    private ImmutableArray<Capability> _offered;
    private ImmutableArray<System.Net.IPNetwork> _allowed = [];
    private List<SessionAction> _actions = [];
    private TimeSpan _now;
    private TimeSpan _since;
    private TimeSpan? _nextAttempt;
    private TimeSpan _refuseUntil;
    private long _lastConnection;
    private bool _isStarted;
    private bool _isAlive = true;
    private BgpState _state = BgpState.Idle;

    /// <param name="settings">Fixed for the session's life.</param>
    /// <param name="seed">Of the jitter.</param>
    /// <param name="now">The present.</param>
    public BgpSessionMachine(SessionSettings settings, int seed, TimeSpan now)
    {
        _settings = settings;
        _random = new Random(seed);
        _backoff = new ReconnectBackoff(_random);
        _offered = settings.Capabilities();
        _now = _since = now;
    }

    public BgpState State => _state;

    /// <summary>What cannot be put on the wire and why; empty unless Established.</summary>
    public ImmutableArray<RefusedRoute> Refused => _adjRibOut.Refused;

    /// <summary>Capabilities that the peer refused and that are no longer offered.</summary>
    public ImmutableArray<Capability> Dropped => [.. _settings.Capabilities().Except(_offered)];

    /// <summary>A number for a connection that a listener has accepted.</summary>
    public long NewConnection() => ++_lastConnection;

    /// <summary>When a tick is next due; null: nothing is waited for.</summary>
    public TimeSpan? NextDeadline
    {
        get
        {
            TimeSpan? next = !_isAlive || _connections.Count > 0 ? null : _nextAttempt;
            foreach (Connection connection in _connections)
            {
                next = Earlier(next, connection.HoldDeadline);
                next = Earlier(next, connection.SendHoldDeadline);

                // One that is held back has no time: it goes out with the tick that says that all is well.
                next = _isAlive ? Earlier(next, connection.KeepaliveDeadline) : next;
            }

            return next;
        }
    }

    /// <summary>Takes one event.</summary>
    /// <param name="input">What happened.</param>
    /// <param name="now">Not before the last step's.</param>
    /// <param name="actions">Gets what is to be done, in order.</param>
    public void Step(in SessionEvent input, TimeSpan now, List<SessionAction> actions)
    {
        _now = now;
        _actions = actions;
        Connection? connection = input.Connection == 0 ? null : Find(input.Connection);
        switch (input.Kind)
        {
            case SessionEventKind.Start:
                OnStart();
                break;
            case SessionEventKind.Stop:
                OnStop(input.Subcode, input.Text);
                break;
            case SessionEventKind.Accepted:
                OnAccepted(input.Connection, input.Addresses!);
                break;
            case SessionEventKind.Tick:
                _isAlive = input.IsAlive;
                OnTick();
                break;
            case SessionEventKind.Desired:
                _adjRibOut.Desired = input.Routes;
                _allowed = input.AllowedPrefixes;
                if (_connections.Find(c => c.State == BgpState.Established) is { } established)
                {
                    Flush(established);
                }

                break;
            case SessionEventKind.Connected when connection is not null:
                OnConnected(connection, input.Addresses!);
                break;
            case SessionEventKind.ConnectFailed when connection is not null:
                Lost(connection, $"connect: {input.Text}");
                break;
            case SessionEventKind.Closed when connection is not null:
                Lost(connection, input.Text.Length == 0 ? "the peer closed the connection" : input.Text);
                break;
            case SessionEventKind.Unreadable when connection is not null:
                Fail(connection, input.Notification!);
                break;
            case SessionEventKind.Message when connection is not null:
                OnMessage(connection, input.MessageType, input.Body);
                break;
            case SessionEventKind.Sent when connection is not null:
                connection.SendHoldDeadline = input.Unsent == 0 ? null : now + SendHold(connection);
                break;
            default:
                break; // Of a connection that is no longer ours.
        }

        Settle();
    }

    private void OnStart()
    {
        if (!_isStarted)
        {
            _isStarted = true;
            Attempt();
        }
    }

    private void OnStop(CeaseSubcode subcode, string text)
    {
        _isStarted = false;
        _nextAttempt = null;
        foreach (Connection connection in _connections.ToArray())
        {
            Notify(connection, BgpNotification.Cease(subcode, text));
            Drop(connection);
        }
    }

    private void OnTick()
    {
        foreach (Connection connection in _connections.ToArray())
        {
            if (connection.SendHoldDeadline <= _now)
            {
                // RFC 9687 §4: the peer takes nothing, so it is told nothing.
                Remember(new Ending(_now, SessionErrorOrigin.Connection, BgpNotification.Of(NotificationCode.SendHoldTimerExpired), "the peer has taken nothing for too long"));
                _actions.Add(new SessionAction(SessionActionKind.Abort, connection.Id));
                Forget(connection);
                Retry(isProtocolError: false);
            }
            else if (connection.State == BgpState.Connect && connection.HoldDeadline <= _now)
            {
                _actions.Add(new SessionAction(SessionActionKind.Close, connection.Id));
                Lost(connection, "connect: no answer");
            }
            else if (connection.HoldDeadline <= _now)
            {
                Fail(connection, BgpNotification.Of(NotificationCode.HoldTimerExpired));
            }
            else if (_isAlive && connection.KeepaliveDeadline <= _now)
            {
                SendKeepalive(connection);
            }
        }

        // A process that hangs does not win back with a new session what it has lost by its silence in the old one.
        if (_isStarted && _isAlive && _nextAttempt <= _now && _connections.Count == 0)
        {
            Attempt();
        }
    }

    /// <summary>Opens a connection, or waits for the neighbour's.</summary>
    private void Attempt()
    {
        _nextAttempt = null;
        if (_settings.IsPassive)
        {
            return;
        }

        Counters.ConnectAttempts++;
        var connection = new Connection(NewConnection(), isIncoming: false) { HoldDeadline = _now + ConnectTimeout };
        _connections.Add(connection);
        _actions.Add(new SessionAction(SessionActionKind.Connect, connection.Id));
    }

    private void OnConnected(Connection connection, ConnectionAddresses addresses)
    {
        if (connection.State == BgpState.Connect)
        {
            Greet(connection, addresses);
        }
    }

    private void OnAccepted(long id, ConnectionAddresses addresses)
    {
        var connection = new Connection(id, isIncoming: true) { Addresses = addresses };
        if (!_isStarted || !_isAlive || _now < _refuseUntil)
        {
            Reject(connection, CeaseSubcode.ConnectionRejected);
            return;
        }

        if (_connections.Exists(c => c.State == BgpState.Established))
        {
            // RFC 4271 §6.8: one that works is not given up for one that might.
            Reject(connection, CeaseSubcode.ConnectionCollision);
            return;
        }

        // A second connection from the same side: the neighbour has lost the first.
        if (_connections.Find(c => c.IsIncoming) is { } former)
        {
            Notify(former, BgpNotification.Cease(CeaseSubcode.ConnectionCollision));
            Drop(former);
        }

        _connections.Add(connection);
        Greet(connection, addresses);
    }

    private void Reject(Connection connection, CeaseSubcode subcode)
    {
        Notify(connection, BgpNotification.Cease(subcode));
        _actions.Add(new SessionAction(SessionActionKind.Close, connection.Id));
    }

    private void Greet(Connection connection, ConnectionAddresses addresses)
    {
        connection.Addresses = addresses;
        connection.State = BgpState.OpenSent;
        connection.HoldDeadline = _now + OpenHold;
        connection.Offered = _offered;
        Send(connection, OpenCodec.Write(new OpenMessage
        {
            MyAs = _settings.LocalAsn > ushort.MaxValue ? BgpWire.AsTrans : (ushort)_settings.LocalAsn,
            HoldSeconds = (ushort)_settings.HoldTime.TotalSeconds,
            RouterId = _settings.RouterId,
            Capabilities = _offered,
        }));
    }

    /// <summary>
    /// The state that is shown: of the connection that is furthest; Idle while the next attempt is waited for (a neighbour's connection is
    /// taken even then, as from Active), Active when only the neighbour's is.
    /// </summary>
    private void Settle()
    {
        BgpState state = _connections.Count > 0 ? _connections.Max(c => c.State)
            : !_isStarted || _nextAttempt is not null ? BgpState.Idle
            : BgpState.Active;
        if (state == _state)
        {
            return;
        }

        if (_state == BgpState.Established)
        {
            _adjRibOut.Forget();
        }

        _actions.Add(new SessionAction(SessionActionKind.StateChanged, From: _state, To: state));
        _state = state;
        _since = _now;
    }

    private static TimeSpan? Earlier(TimeSpan? left, TimeSpan? right) => left is null || right < left ? right : left;

    private TimeSpan SendHold(Connection connection) =>
        connection.Hold * 2 > _settings.MinSendHold ? connection.Hold * 2 : _settings.MinSendHold;
}
