using OrleansCdn.Testing;

namespace OrleansCdn.Failover.Tests.Simulation;

/// <summary>A server: its edge, its announcer's process and disk, what its upstreams have.</summary>
internal sealed class SimServer
{
    private readonly World _world;
    private readonly Scheduler _scheduler;
    private readonly List<FailoverAction> _actions = [];
    private FailoverMachine? _machine;
    private FailoverDurable? _disk;
    private TimeSpan _bornAt;
    private long _life;
    private bool _isFrozen;
    private readonly Queue<Func<FailoverEvent>> _backlog = new();
    private long? _request;
    private readonly Dictionary<long, (TimeSpan At, bool IsVoluntary)> _asked = [];
    private long _ordersInForce;
    private readonly FailoverPolicy _own;

    public SimServer(World world, string name, string pop, double rate)
    {
        (_world, _scheduler, Name, Pop, Rate) = (world, world.Scheduler, name, pop, rate);
        _own = world.Mutation switch
        {
            Mutation.PledgeNeverExpires => world.Policy with { PledgeTime = TimeSpan.FromDays(1) },
            Mutation.LateGrantsCount => world.Policy with { UseWithin = TimeSpan.FromSeconds(45) },
            Mutation.NoRescue => world.Policy with { RescueAfter = TimeSpan.FromDays(1) },
            Mutation.FloorOfOne => world.Policy with { Floor = 1 },
            _ => world.Policy,
        };
    }

    public string Name { get; }

    public string Pop { get; }

    /// <summary>Seconds of its clock in a real one.</summary>
    public double Rate { get; }

    public bool IsUp => _machine is not null;

    public bool IsFrozen => _isFrozen;

    /// <summary>The edge answers visitors.</summary>
    public bool EdgeWorks
    {
        get;
        set
        {
            (field, EdgeWorksSince) = (value, value ? _scheduler.Now : TimeSpan.MaxValue);
            Trouble();
        }
    } = true;

    public TimeSpan EdgeWorksSince { get; private set; }

    public TimeSpan ThawedAt { get; private set; }

    public TimeSpan UpSince => _bornAt;

    /// <summary>The probe fails although the edge works.</summary>
    public bool ProbeLies
    {
        get;
        set
        {
            field = value;
            Trouble();
        }
    }

    private void Trouble() => TroubleSince = EdgeWorks && !ProbeLies ? TroubleSince : TroubleSince ?? _scheduler.Now;

    /// <summary>Since when its probe fails, until one is answered; null: it does not.</summary>
    public TimeSpan? TroubleSince { get; private set; }

    public bool SessionsUp { get; private set; } = true;

    /// <summary>What the upstreams have.</summary>
    public AnnouncementLevel Wire { get; private set; }

    public FailoverMachine? Machine => _machine;

    public bool ServesWell => IsUp && !_isFrozen && EdgeWorks;

    /// <summary>From a decision until the neighbours have it.</summary>
    public static readonly TimeSpan MaxSendTime = TimeSpan.FromMilliseconds(51);

    /// <summary>When the machine's phase became what it is.</summary>
    public TimeSpan PhaseAt { get; private set; }

    /// <summary>When the machine's level became what it is.</summary>
    public TimeSpan LevelAt { get; private set; }

    /// <summary>The highest orders that this process was given.</summary>
    public long OrdersSeen => _ordersInForce;

    private TimeSpan LocalNow => (_scheduler.Now - _bornAt) * Rate;

    public void Start(bool withDisk)
    {
        _life++;
        _isFrozen = false;
        _backlog.Clear();
        _bornAt = _scheduler.Now;
        FailoverDurable? disk = withDisk ? _disk : null;
        if (_world.Mutation == Mutation.PledgeNotPersisted && disk is not null)
        {
            disk = disk with { Given = [] };
        }

        _disk = disk;
        _world.Log($"{Name} starts {(disk is null ? "without a disk" : $"with version {disk.Version}, promises to {string.Join(", ", disk.Given.Select(given => given.Server))}")}");
        _machine = new FailoverMachine(new KnownServer(Name, Pop), _scheduler.Random.NextInt64(), disk, _scheduler.Random.Next(), LocalNow);
        if (_machine.Level != AnnouncementLevel.Withdrawn || _machine.Phase != FailoverPhase.Cold)
        {
            _world.Books.Fail($"I3: {Name} starts as {_machine.Phase}, {_machine.Level}");
        }

        PhaseAt = _scheduler.Now;
        _ordersInForce = disk?.Orders.Version ?? 0;
        SessionsUp = true;
        TroubleSince = EdgeWorks && !ProbeLies ? null : _scheduler.Now;
        Wire = AnnouncementLevel.Withdrawn;
        Hear(new Configured(_world.Known, _own));
        long life = _life;
        Every(TimeSpan.FromMilliseconds(1000), life, () => Hear(Tick.Instance));
        Every(TimeSpan.FromMilliseconds(1000), life, Probe);
        Every(TimeSpan.FromMilliseconds(3000), life, ProbePeers);
        Every(TimeSpan.FromMilliseconds(2000), life, () => _world.SendOrders(this));
    }

    public void Crash()
    {
        _world.Log($"{Name} crashes");
        _world.Books.Crashed(this);
        _machine = null;
        _life++;
        _isFrozen = false;

        // Killed: the sockets are closed by the system, and the neighbours know at once.
        Wire = AnnouncementLevel.Withdrawn;
    }

    public void Freeze()
    {
        if (!IsUp)
        {
            return;
        }

        _isFrozen = true;
        long life = _life;
        _scheduler.After(_scheduler.Between(6_000, 9_000), () =>
        {
            if (_life == life && _isFrozen)
            {
                (SessionsUp, Wire) = (false, AnnouncementLevel.Withdrawn);
            }
        });
    }

    public void Thaw()
    {
        if (!IsUp || !_isFrozen)
        {
            return;
        }

        _isFrozen = false;
        ThawedAt = _scheduler.Now;
        while (_backlog.TryDequeue(out Func<FailoverEvent>? happening))
        {
            Hear(happening());
        }

        if (!SessionsUp)
        {
            ReconnectLater();
        }
    }

    public void DropSessions()
    {
        (SessionsUp, Wire) = (false, AnnouncementLevel.Withdrawn);
        Hear(new OnWire(false));
        ReconnectLater();
    }

    private void ReconnectLater()
    {
        long life = _life;
        _scheduler.After(_scheduler.Between(500, 8_000), () =>
        {
            if (_life == life && !_isFrozen && _machine is not null)
            {
                SessionsUp = true;
                Send(_machine.Level);
            }
        });
    }

    private void Send(AnnouncementLevel level)
    {
        long life = _life;
        _scheduler.After(_scheduler.Between(0, 50), () =>
        {
            if (_life != life || _machine is null || !SessionsUp)
            {
                return;
            }

            Wire = _machine.Level;
            if (_world.Octets.Send(Wire) is { } wrong)
            {
                _world.Books.Fail($"I6: {Name}: {wrong}");
            }

            Hear(new OnWire(Wire != AnnouncementLevel.Withdrawn));
        });
    }

    private void Every(TimeSpan interval, long life, Action action) => _scheduler.After(_scheduler.Between(0, interval.TotalMilliseconds), () => Again(interval, life, action));

    private void Again(TimeSpan interval, long life, Action action)
    {
        if (_life != life)
        {
            return;
        }

        if (!_isFrozen)
        {
            action();
        }

        _scheduler.After(interval / Rate, () => Again(interval, life, action));
    }

    private void Probe()
    {
        bool works = EdgeWorks;
        bool lies = ProbeLies;
        long life = _life;
        TimeSpan delay = works && !lies ? _scheduler.OneIn(20) ? _scheduler.Between(100, 1_900) : _scheduler.Between(1, 20) : _scheduler.Between(1, 2_000);
        _scheduler.After(delay, () =>
        {
            if (_life == life)
            {
                TroubleSince = works && !lies ? null : TroubleSince;
                Hear(new Probed(works && !lies ? null : new CheckFailure("http", works ? "the check is wrong" : "no answer within 2 s")));
            }
        });
    }

    private void ProbePeers()
    {
        long life = _life;
        foreach (SimServer peer in _world.Servers)
        {
            if (peer == this)
            {
                continue;
            }

            bool works = peer.EdgeWorks && !_world.AreApart(this, peer);
            _scheduler.After(_scheduler.Between(1, 300), () =>
            {
                if (_life == life)
                {
                    Hear(new PeerProbed(peer.Name, works));
                }
            });
        }
    }

    public void Hear(FailoverEvent happening)
    {
        if (_machine is null)
        {
            return;
        }

        if (_isFrozen)
        {
            if (_backlog.Count < 1000)
            {
                _backlog.Enqueue(() => happening);
            }

            return;
        }

        if (happening is PledgeAsked asked)
        {
            _asked[asked.Request.Id] = (_scheduler.Now, asked.Request.IsVoluntary);
        }

        _actions.Clear();
        FailoverPhase before = _machine.Phase;
        AnnouncementLevel level = _machine.Level;
        _machine.Step(happening, LocalNow, _actions);
        FailoverAction[] actions = [.. _actions];
        foreach (FailoverAction action in actions)
        {
            Do(action, before, level);
        }
    }

    private void Do(FailoverAction action, FailoverPhase before, AnnouncementLevel level)
    {
        long life = _life;
        switch (action)
        {
            case SetLevel set:
                LevelAt = _scheduler.Now;
                if (set.Level == AnnouncementLevel.Withdrawn && level != AnnouncementLevel.Withdrawn)
                {
                    _world.Books.Withdrew(this, _request);
                }

                if (set.Level < level && _world.OnlyPartitions && _world.Scheduler.Now > _world.Settled)
                {
                    _world.Books.Fail($"I2: {Name} goes from {level} to {set.Level} ({set.Why}), and nothing but the network has failed");
                }

                if (SessionsUp)
                {
                    Send(set.Level);
                }

                break;
            case Keep keep:
                if (_world.Mutation == Mutation.AnswerBeforeKept)
                {
                    Hear(new Kept(keep.Durable.Version));
                }

                if (_world.Mutation == Mutation.PledgeNotPersisted)
                {
                    keep = new Keep(keep.Durable with { Given = [] });
                }

                if (_world.CrashesAtSteps && _scheduler.OneIn(12))
                {
                    // Between a decision and its being on the disk, or right after it.
                    _scheduler.After(_scheduler.Between(0, 100), () =>
                    {
                        if (_life == life)
                        {
                            Crash();
                            _world.Restart(this, _scheduler.Between(200, 2_000));
                        }
                    });
                }

                _scheduler.After(_scheduler.OneIn(10) ? _scheduler.Between(10, 3_000) : _scheduler.Between(1, 30), () =>
                {
                    // A crash in between: the write may have happened or not.
                    if (_life == life && !_isFrozen)
                    {
                        if (_disk is null || _disk.Version < keep.Durable.Version)
                        {
                            _disk = keep.Durable;
                        }

                        Hear(new Kept(keep.Durable.Version));
                    }
                    else if ((_life == life || !IsUp) && _scheduler.OneIn(2) && (_disk is null || _disk.Version < keep.Durable.Version))
                    {
                        _disk = keep.Durable;
                        if (_life == life)
                        {
                            Hear(new Kept(keep.Durable.Version));
                        }
                    }
                });
                break;
            case Tell tell:
                if (_world.Answers is { } answers)
                {
                    _world.Network.Send(Name, "silo", () => answers.Hear(tell.View));
                }

                foreach (SimServer peer in _world.Servers)
                {
                    if (peer != this)
                    {
                        _world.Network.Send(Name, peer.Name, () => peer.Hear(new PeerTold(tell.View)));
                    }
                }

                break;
            case AskPledge ask:
                _request = ask.Request.Id;
                PledgeRequest request = _world.Mutation == Mutation.NoVeto ? ask.Request with { Check = null } : ask.Request;
                _world.Network.Send(Name, ask.Server, () => _world.Find(ask.Server).Hear(new PledgeAsked(request)));
                break;
            case AnswerPledge answer:
                if (answer.Answer.IsGranted)
                {
                    _world.Log($"{Name} promises {answer.Server} to stay");
                    _world.Books.Promised(this, answer.Server, answer.Answer.Id, _asked[answer.Answer.Id].At);
                    if (!_asked[answer.Answer.Id].IsVoluntary && _world.IsLie(this, answer.Server))
                    {
                        _world.Books.Fail($"veto: {Name} promises {answer.Server} to stay, whose check fails with that of others and whose edge answers");
                    }
                }

                _world.Network.Send(Name, answer.Server, () => _world.Find(answer.Server).Hear(new PledgeAnswered(answer.Answer)));
                break;
            case WarmUp:
                _scheduler.After(_scheduler.Between(100, 8_000), () =>
                {
                    if (_life == life)
                    {
                        Hear(Warmed.Instance);
                    }
                });
                break;
            case Note note:
                PhaseAt = note.From == note.To ? PhaseAt : _scheduler.Now;
                if (note.What.StartsWith("rescue", StringComparison.Ordinal))
                {
                    _world.Books.Rescued();
                }

                _world.Log($"{Name}: {note.From} → {note.To}: {note.What}");
                break;
        }
    }

    public void Order(FailoverOrders orders)
    {
        // Also what is older than it: the network says things late.
        _ordersInForce = _isFrozen ? _ordersInForce : Math.Max(_ordersInForce, orders.Version);
        Hear(new Ordered(orders));
    }
}
