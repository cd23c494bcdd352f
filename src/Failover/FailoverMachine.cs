using System.Collections.Immutable;

namespace OrleansCdn.Failover;

/// <summary>
/// Whether one server is announced. It decides by what it knows itself: announcing is safe, withdrawing is dangerous, so that it withdraws
/// only while others have promised to stay. It knows no sockets, no disk and no clock; the same events at the same times give the same actions.
/// </summary>
/// <remarks>
/// <code>
/// Cold → Warming → Announced → Draining → Withdrawn → Held → Warming
/// </code>
/// Used by one thread at a time. All times are since an origin that the caller chooses and keeps.
/// </remarks>
public sealed partial class FailoverMachine
{
    /// <summary>Longer between two steps, the process stood still, and what it has not heard meanwhile proves nothing.</summary>
    private static readonly TimeSpan StoodStill = TimeSpan.FromSeconds(2);

    /// <summary>How old the last answer of the local edge may be for it to count as answering.</summary>
    private static readonly TimeSpan ProbeAge = TimeSpan.FromSeconds(4);

    /// <summary>Of a step's transitions: each leads nearer to where the facts are; more would be a circle.</summary>
    private const int MaxTransitions = 8;

    private readonly string _server;
    private readonly string _pop;
    private readonly long _instance;
    private readonly Random _random;
    private readonly PeerBoard _peers;
    private FailoverPolicy _policy = FailoverPolicy.Default;
    private List<FailoverAction> _actions = [];
    private TimeSpan _now;
    private TimeSpan _since;
    private HealthHysteresis _health;
    private RouteDamping _damping;
    private FailoverOrders _orders = FailoverOrders.None;
    private bool _isOnWire;
    private string? _warmed;
    private bool _isOut;
    private int? _connections;
    private bool _isDrainedSaid;
    private TimeSpan _aloneSince;
    private long _durableVersion;
    private bool _hasToKeep;
    private PeerView? _told;
    private TimeSpan _toldAt;
    private long _sequence;
    private string _why = "the process has begun";

    /// <param name="self">This server.</param>
    /// <param name="instance">Random, of this process.</param>
    /// <param name="before">What the process before has left; null: nothing that could be read.</param>
    /// <param name="seed">Of the jitter.</param>
    /// <param name="now">The present.</param>
    public FailoverMachine(KnownServer self, long instance, FailoverDurable? before, int seed, TimeSpan now)
    {
        (_server, _pop) = (self.Server, self.Pop);
        _instance = instance;
        _random = new Random(seed);
        _peers = new PeerBoard(_server);
        _now = _since = _aloneSince = now;
        _damping = RouteDamping.None(now);
        if (before is null or { MayHavePromised: true })
        {
            _mayHavePromisedUntil = now + _policy.PledgeTime;
            _hasToKeep = true;
        }

        if (before is not null)
        {
            _durableVersion = before.Version;
            _orders = before.Orders;
            _damping = new RouteDamping(before.Penalty, now, before.IsHeld ? now : null);
            _isOut = before.IsOut;

            // A new process does not make an edge that failed any better.
            _health = HealthHysteresis.New(before.IsOut);
            foreach (GivenPledge pledge in before.Given)
            {
                _given[pledge.Server] = new Given(pledge.Id, now + _policy.PledgeTime, before.Version) { IsAnswered = true };
            }

            _keptVersion = before.Version;
        }
    }

    public FailoverPhase Phase { get; private set; }

    public AnnouncementLevel Level { get; private set; }

    /// <summary>For people: why <see cref="Phase"/> and <see cref="Level"/> are so.</summary>
    public string Why => Level == AnnouncementLevel.Depreferred && IsFailing ? _health.Failing?.Evidence ?? "the local edge answers again, and not for long enough yet" : _why;

    /// <summary>Of the operator's orders in force.</summary>
    public long OrdersVersion => _orders.Version;

    /// <summary>When <see cref="Phase"/> began.</summary>
    public TimeSpan Since => _since;

    public HealthHysteresis Health => _health;

    /// <summary>How many probes in a row have to be answered before the local edge counts as well.</summary>
    public int Rise => _health.RiseOf(_policy);

    /// <summary>Of the damping, now.</summary>
    public double Penalty => _damping.PenaltyAt(_now, _policy.Damping);

    public bool IsHeld => _damping.IsHeld;

    /// <summary>Of visitors; null: not known.</summary>
    public int? VisitorConnections => _connections;

    /// <summary>To whom it has promised to stay.</summary>
    public ImmutableArray<string> Promised => [.. _given.Keys.Order(StringComparer.Ordinal)];

    /// <summary>The local edge has answered of late.</summary>
    private bool Answers => _health is { Successes: > 0 } && _now - _health.ProbedAt <= ProbeAge;

    private bool IsWell => _health.IsWell == true;

    private bool IsFailing => _health.IsWell == false && _orders.Pin != FailoverPin.Announced;

    private bool WantsOut => _orders.Pin == FailoverPin.Withdrawn || (_orders.IsDraining && _orders.Pin == FailoverPin.None);

    /// <summary>Takes one event.</summary>
    /// <param name="happening">What happened.</param>
    /// <param name="now">Not before the last step's.</param>
    /// <param name="actions">Gets what is to be done, in order.</param>
    public void Step(FailoverEvent happening, TimeSpan now, List<FailoverAction> actions)
    {
        if (now - _now > StoodStill)
        {
            _aloneSince = now;
        }

        _now = now;
        _actions = actions;
        Take(happening);
        Settle();
    }

    private void Take(FailoverEvent happening)
    {
        switch (happening)
        {
            case Tick:
                break;
            case Configured configured:
                _policy = configured.Policy;
                _peers.Configure(configured.Servers);
                break;
            case Probed probed:
                _health = _health.Step(probed.Failure, _now, _policy);
                break;
            case Warmed warmed:
                _warmed = warmed.What;
                break;
            case OnWire wire:
                _isOnWire = wire.IsOnWire;
                break;
            case Connections connections:
                _connections = connections.Count;
                break;
            case Ordered { Orders: var orders } when orders.Version > _orders.Version:
                _orders = orders;
                _hasToKeep = true;
                break;
            case PeerTold told:
                _peers.Take(told.View, _now);
                break;
            case PeerProbed probed:
                _peers.Take(probed, _now);
                break;
            case PledgeAsked asked:
                OnAsked(asked.Request);
                break;
            case PledgeAnswered answered:
                OnAnswered(answered.Answer);
                break;
            case Kept kept:
                OnKept(kept.Version);
                break;
            default:
                break; // Orders that are older than those in force (I8).
        }
    }

    private void Settle()
    {
        _damping = _damping.Advance(_now, _policy.Damping);
        ForgetExpired();
        for (int i = 0; i < MaxTransitions && Next() is { } next; i++)
        {
            Enter(next.Phase, next.Why);
        }

        SetLevel();
        SayDrained();
        KeepWhatChanged();
        TellOthers();
    }

    /// <summary>Where the facts lead; null: it is right where it is.</summary>
    private (FailoverPhase Phase, string Why)? Next() => Phase switch
    {
        FailoverPhase.Announced or FailoverPhase.Draining => NextAnnounced(),
        _ => NextWithdrawn(),
    };

    private (FailoverPhase Phase, string Why)? NextAnnounced()
    {
        switch (Phase)
        {
            case FailoverPhase.Announced when WantsOut:
                return (FailoverPhase.Draining, _orders.Pin == FailoverPin.Withdrawn ? "an operator has pinned it withdrawn" : "an operator drains it");
            case FailoverPhase.Draining when !WantsOut:
                return (FailoverPhase.Announced, "the drain was taken back");
        }

        // While it answers again, and not for long enough to be believed, it is less preferred and goes nowhere.
        if (IsFailing && _health.Failing is { } failing)
        {
            return MayWithdraw(failing.Check) ? (FailoverPhase.Withdrawn, $"{failing.Evidence}; others stay") : null;
        }

        bool isTime = !IsFailing && Phase == FailoverPhase.Draining && (_orders.Pin == FailoverPin.Withdrawn || _now - _since >= _policy.DepreferFor);
        if (isTime)
        {
            return MayWithdraw(null) ? (FailoverPhase.Withdrawn, "drained; others stay") : null;
        }

        // Well again, or taken back: nothing is asked for any more.
        _request = null;
        WaitsFor = null;
        return null;
    }

    private (FailoverPhase Phase, string Why)? NextWithdrawn()
    {
        if (_orders.Pin == FailoverPin.Announced)
        {
            return (FailoverPhase.Announced, "an operator has pinned it announced");
        }

        if (Answers && _orders.Pin == FailoverPin.None && IsAlone)
        {
            // It answers, and that is all that matters now: it is not to be taken out again before it fails anew.
            _health = _health.Recovered();
            return (FailoverPhase.Announced, $"rescue: nobody who is announced and well was heard of for {_policy.RescueAfter.TotalSeconds:0} s");
        }

        if (Answers && _given.Count > 0 && !WantsOut && Phase == FailoverPhase.Cold)
        {
            _health = _health.Recovered();
            return (FailoverPhase.Announced, "the process before this one has promised to stay");
        }

        if (WantsOut)
        {
            return Phase == FailoverPhase.Withdrawn ? null : (FailoverPhase.Withdrawn, "an operator wants it out");
        }

        if (IsFailing)
        {
            return Phase is FailoverPhase.Withdrawn or FailoverPhase.Cold ? null : (FailoverPhase.Withdrawn, "the local edge fails its check");
        }

        if (!IsWell)
        {
            return null;
        }

        return Phase switch
        {
            FailoverPhase.Held when _damping.IsHeld => null,
            _ when _damping.IsHeld => (FailoverPhase.Held, "it was withdrawn too often of late"),
            FailoverPhase.Warming => _warmed is not null || _now - _since >= _policy.WarmFor
                ? (FailoverPhase.Announced, _warmed ?? "its cache took too long to get warm")
                : null,

            // Only this process is new: visitors were here a moment ago, and the edge has what they want.
            FailoverPhase.Cold when !_isOut => (FailoverPhase.Announced, "the local edge answers"),
            _ => (FailoverPhase.Warming, "the local edge answers"),
        };
    }

    /// <summary>Nobody who is announced and well was heard of for long enough.</summary>
    private bool IsAlone
    {
        get
        {
            TimeSpan last = _peers.LastSeenServing is { } seen && seen > _aloneSince ? seen : _aloneSince;
            return _now - last >= _policy.RescueAfter;
        }
    }

    private void Enter(FailoverPhase phase, string why)
    {
        FailoverPhase from = Phase;
        bool wasOut = from is not (FailoverPhase.Announced or FailoverPhase.Draining);
        (Phase, _since, _why, WaitsFor) = (phase, _now, why, null);
        _actions.Add(new Note(from, phase, why));
        switch (phase)
        {
            case FailoverPhase.Warming:
                _warmed = null;
                _actions.Add(WarmUp.Instance);
                break;
            case FailoverPhase.Announced when _isOut:
                _isOut = false;
                _hasToKeep = true;
                break;
            case FailoverPhase.Withdrawn when !wasOut:
                _isOut = true;
                _request = null;
                _isDrainedSaid = false;
                _aloneSince = _now;
                _damping = _damping.Add(_policy.Damping.PerWithdrawal, _now, _policy.Damping);
                _hasToKeep = true;
                break;
        }
    }

    private void SetLevel()
    {
        AnnouncementLevel level = Phase switch
        {
            FailoverPhase.Announced => IsFailing ? AnnouncementLevel.Depreferred : AnnouncementLevel.Normal,
            FailoverPhase.Draining => AnnouncementLevel.Depreferred,
            _ => AnnouncementLevel.Withdrawn,
        };
        if (level == Level)
        {
            return;
        }

        // A way back without a withdrawal in between; with one, the withdrawal has counted.
        if (Level == AnnouncementLevel.Depreferred && level == AnnouncementLevel.Normal)
        {
            _damping = _damping.Add(_policy.Damping.PerAttributeChange, _now, _policy.Damping);
            _hasToKeep = true;
        }

        Level = level;
        _actions.Add(new SetLevel(level, Why));
    }

    /// <summary>Withdrawn because an operator wants it, and the visitors have gone.</summary>
    public bool IsDrained => Phase == FailoverPhase.Withdrawn && WantsOut && (_connections == 0 || _now - _since >= _policy.ConnectionsFor);

    private void SayDrained()
    {
        if (IsDrained && !_isDrainedSaid)
        {
            _isDrainedSaid = true;
            _actions.Add(new Note(Phase, Phase, _connections == 0 ? "drained: no connections are left" : "drained: the time for connections is over"));
        }
    }

    private void KeepWhatChanged()
    {
        if (!_hasToKeep)
        {
            return;
        }

        _hasToKeep = false;
        _durableVersion++;
        _actions.Add(new Keep(new FailoverDurable
        {
            Version = _durableVersion,
            Given = [.. _given.OrderBy(given => given.Key, StringComparer.Ordinal).Select(given => new GivenPledge(given.Key, given.Value.Id))],
            MayHavePromised = _mayHavePromisedUntil is not null,
            Penalty = _damping.PenaltyAt(_now, _policy.Damping),
            IsHeld = _damping.IsHeld,
            IsOut = _isOut,
            Orders = _orders,
        }));
    }

    private void TellOthers()
    {
        var view = new PeerView
        {
            Server = _server,
            Pop = _pop,
            Instance = _instance,
            Sequence = _sequence,
            Phase = Phase,
            Level = Level,
            IsOnWire = _isOnWire,
            IsWell = IsWell,

            // From the first failure on: when a check begins to fail everywhere at once, whoever counts to three first must not be believed by
            // those who have only counted to two.
            FailingCheck = _health.Last?.Check,
        };
        if (view == _told && _now - _toldAt < _policy.TellEvery)
        {
            return;
        }

        _sequence++;
        _told = view with { Sequence = _sequence };
        _toldAt = _now;
        _actions.Add(new Tell(_told with { FailingFor = _health.FailingSince is { } since ? _now - since : TimeSpan.Zero }));
    }
}
