using System.Collections.Immutable;
using OrleansCdn.Testing;

namespace OrleansCdn.Failover.Tests.Simulation;

/// <summary>One run: PoPs, their servers, the network between them, an operator, and a time of faults with a quiet time after it.</summary>
internal sealed class World
{
    private static readonly TimeSpan Faults = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(120);
    private readonly List<string>? _log;
    private readonly Dictionary<string, FailoverOrders> _orders = [];
    private readonly Dictionary<string, SimServer> _byName = [];
    private readonly HashSet<(string, string)> _apart = [];

    public World(int seed, Mutation mutation, bool log = false)
    {
        (Seed, Mutation) = (seed, mutation);
        _log = log ? [] : null;
        Scheduler = new Scheduler(seed);
        Network = new Network(Scheduler);
        Books = new Books(this);
        OnlyPartitions = seed % 8 == 0;
        int pops = 2 + Scheduler.Random.Next(4);
        Policy = new FailoverPolicy
        {
            Floor = pops >= 4 && Scheduler.OneIn(2) ? 2 : 1,
            Rise = 8,
            TellEvery = TimeSpan.FromSeconds(2),
            DepreferFor = TimeSpan.FromSeconds(10),
            ConnectionsFor = TimeSpan.FromSeconds(10),
            WarmFor = TimeSpan.FromSeconds(6),
            VoluntaryGap = TimeSpan.FromSeconds(10),
            Damping = new DampingPolicy { HalfLife = TimeSpan.FromSeconds(15), MaxHold = TimeSpan.FromSeconds(40) },
        };
        for (int p = 0; p < pops; p++)
        {
            int servers = Scheduler.OneIn(4) ? 2 : 1;
            for (int s = 0; s < servers; s++)
            {
                var server = new SimServer(this, $"p{p}s{s}", $"p{p}", 0.75 + (Scheduler.Random.NextDouble() * 0.6));
                Servers.Add(server);
                _byName.Add(server.Name, server);
                _orders.TryAdd(server.Pop, new FailoverOrders(1, false, FailoverPin.None));
            }
        }

        Known = [.. Servers.Select(server => new KnownServer(server.Name, server.Pop))];
        Answers = seed % AnswersInOneOf == 1 ? new Answers(this) : null;
    }

    /// <summary>The board costs as much as all announcers together.</summary>
    private const int AnswersInOneOf = 4;

    public int Seed { get; }

    public Mutation Mutation { get; }

    public Scheduler Scheduler { get; }

    public Network Network { get; }

    public Books Books { get; }

    /// <summary>What DNS makes of it; null: not looked at in this run.</summary>
    public Answers? Answers { get; }

    public Octets Octets { get; } = new();

    public FailoverPolicy Policy { get; }

    public List<SimServer> Servers { get; } = [];

    public ImmutableArray<KnownServer> Known { get; }

    /// <summary>Nothing but the network fails in this run.</summary>
    public bool OnlyPartitions { get; }

    /// <summary>From when on everybody has found its place.</summary>
    public TimeSpan Settled { get; } = TimeSpan.FromSeconds(40);

    /// <summary>Also in the middle of what they do.</summary>
    public bool CrashesAtSteps => !OnlyPartitions && Scheduler.Now > Settled && Scheduler.Now < Settled + Faults;

    public IEnumerable<string> Lines => _log ?? [];

    public SimServer Find(string name) => _byName[name];

    public FailoverOrders OrdersOf(string pop) => _orders[pop];

    public bool AreApart(SimServer a, SimServer b) => _apart.Contains((a.Name, b.Name));

    public void Log(string what) => _log?.Add($"{Scheduler.Now.TotalSeconds,8:0.000} {what}");

    public void SendOrders(SimServer server)
    {
        if (!Network.IsDown)
        {
            FailoverOrders orders = _orders[server.Pop];
            Network.Send("operator", server.Name, () => server.Order(orders));
        }
    }

    /// <summary>
    /// The check is wrong at so many PoPs that it is suspect, has been so for long enough for <paramref name="granter"/> to know, and this server's
    /// edge answers whoever asks.
    /// </summary>
    public bool IsLie(SimServer granter, string asker)
    {
        SimServer server = Find(asker);
        TimeSpan since = Scheduler.Now - TimeSpan.FromSeconds(8);
        return server.ProbeLies && _liesSince < since && Network.FineSince < since && server.EdgeWorksSince < since && !granter.ProbeLies
            && Servers.Where(s => s.ProbeLies && s.TroubleSince < since && (s.TroubleSince - server.TroubleSince)?.Duration() < TimeSpan.FromSeconds(30) && s.IsUp && s.UpSince < since && !s.IsFrozen && s.ThawedAt < since).Select(s => s.Pop).Append(server.Pop).Distinct().Count() >= Math.Max(2, (int)Math.Ceiling(_orders.Count / 3.0))
            && granter.ThawedAt < since && granter.UpSince < since && server.UpSince < since;
    }

    private TimeSpan _liesSince = TimeSpan.MaxValue;

    /// <returns>What went wrong; null: nothing.</returns>
    public string? Run()
    {
        foreach (SimServer server in Servers)
        {
            Scheduler.After(Scheduler.Between(0, 3_000), () => server.Start(withDisk: false));
        }

        Scheduler.RunUntil(Settled, Check);
        TimeSpan end = Settled + Faults;
        while (Scheduler.Now < end && Books.Broken is null)
        {
            Misfortune(end);
            Scheduler.RunUntil(Scheduler.Now + Scheduler.Between(200, 12_000), Check);
        }

        Heal();
        Scheduler.RunUntil(Scheduler.Now + Quiet, Check);
        if (Books.Broken is null)
        {
            CheckLiveness();
        }

        return Books.Broken;
    }

    private void Misfortune(TimeSpan end)
    {
        SimServer server = Scheduler.Pick(Servers);
        TimeSpan length = Scheduler.Between(500, 45_000);
        if (Scheduler.Now + length > end)
        {
            length = end - Scheduler.Now;
        }

        switch (OnlyPartitions ? Scheduler.Random.Next(4) : Scheduler.Random.Next(14))
        {
            case 0:
                Log($"{server.Name} is cut off");
                Network.Cut(server.Name, sending: true, receiving: true);
                Scheduler.After(length, () => Network.Heal(server.Name));
                break;
            case 1:
                Log($"{server.Name} is half cut off");
                Network.Cut(server.Name, sending: Scheduler.OneIn(2), receiving: true);
                Scheduler.After(length, () => Network.Heal(server.Name));
                break;
            case 2:
                Log("all silos are gone");
                Network.IsDown = true;
                Scheduler.After(length, () => Network.IsDown = false);
                break;
            case 3:
                Network.IsSlow = true;
                Scheduler.After(length, () => Network.IsSlow = false);
                break;
            case 4 or 5:
                Log($"{server.Name}'s edge fails");
                server.EdgeWorks = false;
                Scheduler.After(length, () => server.EdgeWorks = true);
                break;
            case 6:
                Log($"{server.Name}'s announcer crashes");
                server.Crash();
                Restart(server, length);
                break;
            case 7:
                Log($"{server.Name} crashes and is back at once");
                server.Crash();
                Restart(server, Scheduler.Between(200, 3_000));
                break;
            case 8:
                Log($"{server.Name}'s announcer stands still");
                server.Freeze();
                Scheduler.After(length, server.Thaw);
                break;
            case 9:
                if (server.IsUp && !server.IsFrozen)
                {
                    server.DropSessions();
                }

                break;
            case 10:
                Log("the checks of many fail");
                _liesSince = Servers.Exists(s => s.ProbeLies) ? _liesSince : Scheduler.Now;
                foreach (SimServer liar in Servers)
                {
                    if (!Scheduler.OneIn(4))
                    {
                        liar.ProbeLies = true;
                    }
                }

                Scheduler.After(length, () =>
                {
                    foreach (SimServer liar in Servers)
                    {
                        liar.ProbeLies = false;
                    }
                });
                break;
            case 11 or 12:
                Give(server.Pop, isDraining: !_orders[server.Pop].IsDraining, _orders[server.Pop].Pin);
                break;
            case 13:
                Give(server.Pop, _orders[server.Pop].IsDraining, (FailoverPin)Scheduler.Random.Next(3));
                break;
        }
    }

    private void Give(string pop, bool isDraining, FailoverPin pin)
    {
        Log($"operator: {pop} {(isDraining ? "drain" : "in service")}, pin {pin}");
        _orders[pop] = new FailoverOrders(_orders[pop].Version + 1, isDraining, pin);
        Answers?.Ordered(pop);
    }

    public void Restart(SimServer server, TimeSpan after)
    {
        bool withDisk = !Scheduler.OneIn(6);
        Scheduler.After(after, () =>
        {
            if (!server.IsUp)
            {
                server.Start(withDisk);
            }
        });
    }

    private void Heal()
    {
        Log("all is healed");
        Network.IsDown = Network.IsSlow = false;
        bool keepDrains = Scheduler.OneIn(2);
        foreach (string pop in _orders.Keys.ToList())
        {
            Give(pop, isDraining: keepDrains && _orders[pop].IsDraining, FailoverPin.None);
        }

        foreach (SimServer server in Servers)
        {
            Network.Heal(server.Name);
            (server.EdgeWorks, server.ProbeLies) = (true, false);
            server.Thaw();
            if (!server.IsUp)
            {
                server.Start(withDisk: true);
            }
        }

        // One stays dead, so that it is seen to go.
        if (!OnlyPartitions && Scheduler.OneIn(2))
        {
            _dead = Scheduler.Pick(Servers);
            _dead.EdgeWorks = false;
            Log($"{_dead.Name}'s edge stays dead");
        }
    }

    private SimServer? _dead;

    /// <summary>After each event.</summary>
    private void Check()
    {
        Books.Checked();
        Answers?.Check();
        bool isAnyone = false;
        foreach (SimServer server in Servers)
        {
            isAnyone |= server.Machine is { Level: not AnnouncementLevel.Withdrawn };
            if (server.Machine is null && server.Wire != AnnouncementLevel.Withdrawn)
            {
                Books.Fail($"I3: {server.Name} is dead, and its upstreams have its routes");
            }

            if (!server.IsFrozen && server.Machine is { } machine && server.Wire > machine.Level && Scheduler.Now - server.LevelAt > SimServer.MaxSendTime)
            {
                Books.Fail($"I5: {server.Name} is {machine.Level} since {server.LevelAt.TotalSeconds:0.000} s, and its upstreams have {server.Wire}");
            }

            if (server.Machine is { } ordered && ordered.OrdersVersion < server.OrdersSeen)
            {
                Books.Fail($"I8: {server.Name} follows orders {ordered.OrdersVersion} after {server.OrdersSeen}");
            }
        }

        // That the last one goes by a crash is nobody's decision.
        if (_wasAnyone && !isAnyone && Books.LastWithdrawal == Scheduler.Now && !Books.CrashedWithPromise)
        {
            Books.Fail("I1: a decision has emptied the announced set");
        }

        _wasAnyone = isAnyone;
    }

    private bool _wasAnyone;

    private void CheckLiveness()
    {
        foreach (SimServer server in Servers)
        {
            AnnouncementLevel level = server.Machine!.Level;
            if (server.Wire != level)
            {
                Books.Fail($"I5: {server.Name} is {level}, and its upstreams have {server.Wire}");
            }

            if (server != _dead && !_orders[server.Pop].IsDraining && level != AnnouncementLevel.Normal)
            {
                Books.Fail($"liveness: {server.Name} is well, and {server.Machine.Phase}, {level}: {server.Machine.Why}; {server.Machine.WaitsFor}");
            }
        }

        // Who would go has gone, when enough stay.
        bool enough = Servers.Where(server => server != _dead && !_orders[server.Pop].IsDraining).Select(server => server.Pop).Distinct().Count() > Policy.Floor;
        foreach (SimServer server in Servers.Where(server => enough && (server == _dead || _orders[server.Pop].IsDraining)))
        {
            if (server.Machine!.Level != AnnouncementLevel.Withdrawn)
            {
                Books.Fail($"I4: {server.Name} is to go, and {server.Machine.Phase}, {server.Machine.Level}: {server.Machine.Why}; {server.Machine.WaitsFor}");
            }
        }

        Answers?.CheckLiveness();
        if (Servers.All(server => server.Wire == AnnouncementLevel.Withdrawn || server == _dead))
        {
            Books.Fail("liveness: nobody is announced");
        }
    }
}
