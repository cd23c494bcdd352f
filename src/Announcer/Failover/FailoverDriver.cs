using System.Collections.Immutable;
using OrleansCdn.Announcer.Health;
using OrleansCdn.Contracts.Failover;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Failover;

namespace OrleansCdn.Announcer.Failover;

/// <summary>What the driver acts on.</summary>
internal sealed record FailoverHooks
{
    public required KnownServer Self { get; init; }

    /// <summary>The sessions', which never waits.</summary>
    public required Action<AnnouncementLevel> SetLevel { get; init; }

    public required Func<bool> IsOnWire { get; init; }

    /// <summary>A silo could bring an answer.</summary>
    public required Func<bool> IsConnected { get; init; }

    public required FailoverKeeper Keeper { get; init; }

    public required FailoverOutbox Outbox { get; init; }

    public required AnnouncerState State { get; init; }

    public required TimeProvider Time { get; init; }
}

/// <summary>
/// The machine's hands and ears: what happens becomes its events, what it decides is done. It waits for nothing. Used by one thread at a time.
/// </summary>
internal sealed partial class FailoverDriver
{
    /// <summary>A silo that is started anew is back by then; without one nobody warms anything, and a server that answers is announced.</summary>
    public static readonly TimeSpan WarmWithoutSilo = TimeSpan.FromSeconds(5);

    private readonly FailoverHooks _hooks;
    private readonly int? _firstRise;
    private readonly Random _random;
    private readonly ILogger _logger;
    private readonly FailoverMachine _machine;
    private readonly List<FailoverAction> _actions = [];
    private readonly long _origin;
    private DesiredAnnouncements? _configuredBy;
    private ImmutableArray<HealthCheckStatus> _checks = [];
    private DateTimeOffset _since;
    private bool _wasOnWire;
    private long _keptSeen;
    private long? _warmUp;
    private TimeSpan? _unconnectedSince;
    private string? _diskFailure;
    private bool _isNews = true;

    /// <param name="hooks">What it acts on.</param>
    /// <param name="before">What the process before has left; null: nothing that could be used.</param>
    /// <param name="firstRise">Answers in a row after a start, instead of the plan's; null: the plan's.</param>
    /// <param name="random">Of ids and jitter.</param>
    /// <param name="logger">For transitions.</param>
    public FailoverDriver(FailoverHooks hooks, FailoverDurable? before, int? firstRise, Random random, ILogger logger)
    {
        (_hooks, _firstRise, _random, _logger) = (hooks, firstRise, random, logger);
        _origin = hooks.Time.GetTimestamp();
        _since = hooks.Time.GetUtcNow();
        _machine = new FailoverMachine(hooks.Self, random.NextInt64(), before, random.Next(), TimeSpan.Zero);
        Step(Plan(null));
    }

    private TimeSpan Now => _hooks.Time.GetElapsedTime(_origin);

    public FailoverMachine Machine => _machine;

    /// <summary>Several times a second.</summary>
    public void Tick()
    {
        if (_hooks.State.Desired is { } desired && desired != _configuredBy)
        {
            _configuredBy = desired;
            Step(Plan(desired.Failover));
        }

        CatchUp();
        Step(OrleansCdn.Failover.Tick.Instance);
        LookAfterWarming();
        Publish();
    }

    public void Take(HealthRound round)
    {
        _isNews |= !_checks.AsSpan().SequenceEqual(round.Checks.AsSpan());
        _checks = round.Checks;
        if (round.Connections is { } connections)
        {
            Step(new Connections(connections));
        }

        foreach (PeerProbed peer in round.Reach)
        {
            Step(peer);
        }

        Step(new Probed(round.Hard));
    }

    /// <param name="news">Checked by <see cref="FailoverCheck.Usable"/>.</param>
    public void Take(FailoverNews news)
    {
        // Who stands where comes first: an answer of somebody who has not been heard of counts for nothing.
        foreach (PeerView view in news.Views)
        {
            Step(new PeerTold(view));
        }

        if (news.Orders is { } orders)
        {
            Step(new Ordered(orders));
        }

        foreach (PledgeRequest question in news.Questions)
        {
            Step(new PledgeAsked(question));
        }

        foreach (PledgeAnswer reply in news.Replies)
        {
            Step(new PledgeAnswered(reply));
        }

        if (news.Warmed is { } id && id == _warmUp)
        {
            Step(Warmed.Instance);
        }
    }

    /// <summary>What the disk and the sessions have come to.</summary>
    public void CatchUp()
    {
        while (_hooks.Keeper.Kept is var kept && kept > _keptSeen)
        {
            _keptSeen = kept;
            Step(new Kept(kept));
        }

        bool isOnWire = _hooks.IsOnWire();
        if (isOnWire != _wasOnWire)
        {
            _wasOnWire = isOnWire;
            Step(new OnWire(isOnWire));
        }
    }

    private Configured Plan(FailoverPlan? plan)
    {
        FailoverPolicy policy = plan?.Policy ?? FailoverPolicy.Default;
        return new Configured(plan?.Servers ?? [], _firstRise is { } rise ? policy with { FirstRise = rise } : policy);
    }

    private void LookAfterWarming()
    {
        if (_machine.Phase != FailoverPhase.Warming)
        {
            if (_warmUp is not null)
            {
                _warmUp = null;
                _hooks.Outbox.WarmUp(null);
            }

            return;
        }

        _unconnectedSince = _hooks.IsConnected() ? null : _unconnectedSince ?? Now;
        if (_unconnectedSince is { } since && Now - since >= WarmWithoutSilo)
        {
            Step(new Warmed("there is no silo to have its cache warmed by"));
        }
    }

    private void Step(FailoverEvent happening)
    {
        _actions.Clear();
        _machine.Step(happening, Now, _actions);
        foreach (FailoverAction action in _actions)
        {
            Do(action);
        }
    }

    private void Do(FailoverAction action)
    {
        switch (action)
        {
            case SetLevel set:
                _hooks.SetLevel(set.Level);
                _isNews = true;
                LogLevel(set.Level, set.Why);
                break;
            case Keep keep:
                _hooks.Keeper.Keep(keep.Durable);
                break;
            case Tell tell:
                _hooks.Outbox.Say(tell.View);
                break;
            case AskPledge ask:
                _hooks.Outbox.Ask(ask.Server, ask.Request);
                break;
            case AnswerPledge answer:
                _hooks.Outbox.Answer(answer.Server, answer.Answer);
                LogAnswered(answer.Server, answer.Answer.Why ?? "it stays");
                break;
            case WarmUp:
                _warmUp = _random.NextInt64(1, long.MaxValue);
                _unconnectedSince = null;
                _hooks.Outbox.WarmUp(_warmUp);
                break;
            case Note note:
                _since = note.From == note.To ? _since : _hooks.Time.GetUtcNow();
                _isNews = true;
                _hooks.Outbox.Note(note.From, note.To, note.What);
                LogPhase(note.From, note.To, note.What);
                break;
        }
    }

    private void Publish()
    {
        _isNews |= _diskFailure != _hooks.Keeper.Failure;
        _diskFailure = _hooks.Keeper.Failure;
        _hooks.State.Stand(FailoverStanding.Of(_machine, _since, _checks, _diskFailure), _isNews);
        _isNews = false;
    }

    [LoggerMessage(Level = Microsoft.Extensions.Logging.LogLevel.Information, Message = "{From} → {To}: {What}")]
    private partial void LogPhase(FailoverPhase from, FailoverPhase to, string what);

    [LoggerMessage(Level = Microsoft.Extensions.Logging.LogLevel.Information, Message = "upstreams are told: {Level} ({Why})")]
    private partial void LogLevel(AnnouncementLevel level, string why);

    [LoggerMessage(Level = Microsoft.Extensions.Logging.LogLevel.Information, Message = "{Server} asks this server to stay announced: {Answer}")]
    private partial void LogAnswered(string server, string answer);
}
