using System.Collections.Immutable;

namespace OrleansCdn.Failover.Tests;

/// <summary>Three PoPs that hear each other at once and never wrongly: what an operator sees in plain cases.</summary>
public sealed class FailoverMachineTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void A_server_is_announced_after_its_edge_has_answered_three_times()
    {
        Trio trio = new();
        trio.Run(2 * Second);
        Assert.All(trio.Machines, machine => Assert.Equal(AnnouncementLevel.Withdrawn, machine.Level));
        trio.Run(2 * Second);
        Assert.All(trio.Machines, machine => Assert.Equal((FailoverPhase.Announced, AnnouncementLevel.Normal), (machine.Phase, machine.Level)));
        Assert.Equal(0, trio.WarmUps);
    }

    [Fact]
    public void A_server_whose_edge_begins_later_than_its_announcer_has_nothing_to_recover_from()
    {
        Trio trio = new();
        trio.Fail(0, 1, 2);
        trio.Run(10 * Second);
        trio.Mend(0, 1, 2);
        trio.Run(2 * Second);
        Assert.All(trio.Machines, machine => Assert.Equal(AnnouncementLevel.Withdrawn, machine.Level));
        trio.Run(2 * Second);
        Assert.All(trio.Machines, machine => Assert.Equal(AnnouncementLevel.Normal, machine.Level));
    }

    [Fact]
    public void A_process_that_is_new_beside_an_edge_that_went_on_is_back_without_warming_and_one_that_was_withdrawn_is_not()
    {
        Trio trio = Trio.Announced();
        trio.Step(0, new PledgeAsked(new PledgeRequest(7, "lax1", "lax", IsVoluntary: true))); // Something to write down.
        trio.Restart(0, withDisk: true);
        Assert.Equal(AnnouncementLevel.Withdrawn, trio.Machines[0].Level);
        trio.Run(4 * Second);
        Assert.Equal(AnnouncementLevel.Normal, trio.Machines[0].Level);
        Assert.Equal(0, trio.WarmUps);

        trio.Run(40 * Second);
        trio.Fail(0);
        trio.Run(5 * Second);
        Assert.Equal(AnnouncementLevel.Withdrawn, trio.Machines[0].Level);
        trio.Restart(0, withDisk: true);
        trio.Mend(0);
        trio.Run(25 * Second);
        Assert.Equal(AnnouncementLevel.Withdrawn, trio.Machines[0].Level);
        trio.Run(10 * Second);
        Assert.Equal(AnnouncementLevel.Normal, trio.Machines[0].Level);
        Assert.Equal(1, trio.WarmUps);
        trio.Restart(0, withDisk: true);
        trio.Run(4 * Second);
        Assert.Equal(AnnouncementLevel.Normal, trio.Machines[0].Level);
        Assert.Equal(1, trio.WarmUps);
    }

    /// <summary>A restart or an upgrade of the edge: nobody is asked anything, and no upstream is told anything. One probe more, and they are.</summary>
    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, true)]
    public void A_restart_of_an_edge_that_misses_less_probes_than_the_fall_touches_no_route(int seconds, bool isTouched)
    {
        Trio trio = Trio.Announced();
        (int levels, int asked) = (trio.LevelChanges, trio.Asked.Count);
        for (int restarts = 0; restarts < 5; restarts++)
        {
            trio.Fail(0);
            trio.Run(seconds * Second);
            trio.Mend(0);
            trio.Run(10 * Second);
        }

        Assert.Equal(isTouched, (trio.LevelChanges, trio.Asked.Count) != (levels, asked));
        Assert.Equal(!isTouched, trio.Machines[0].Level == AnnouncementLevel.Normal);
    }

    [Fact]
    public void A_dead_edge_is_withdrawn_after_three_probes_and_comes_back_after_thirty()
    {
        Trio trio = Trio.Announced();
        trio.Fail(0);
        trio.Run(2 * Second);
        Assert.Equal(AnnouncementLevel.Normal, trio.Machines[0].Level);
        trio.Run(2 * Second);
        Assert.Equal(AnnouncementLevel.Withdrawn, trio.Machines[0].Level);
        Assert.Equal(AnnouncementLevel.Normal, trio.Machines[1].Level);

        trio.Mend(0);
        trio.Run(29 * Second);
        Assert.Equal(AnnouncementLevel.Withdrawn, trio.Machines[0].Level);
        trio.Run(3 * Second);
        Assert.Equal(AnnouncementLevel.Normal, trio.Machines[0].Level);
    }

    [Fact]
    public void When_the_checks_of_all_fail_together_all_stay_announced()
    {
        Trio trio = Trio.Announced();
        trio.Fail(0, 1, 2);
        trio.Run(600 * Second);
        Assert.All(trio.Machines, machine => Assert.Equal(AnnouncementLevel.Depreferred, machine.Level));
        Assert.Equal("nobody else is announced and well", trio.Machines[0].WaitsFor);
    }

    [Fact]
    public void When_the_checks_of_two_fail_together_and_their_edges_answer_from_outside_both_stay()
    {
        Trio trio = Trio.Announced();
        trio.Fail(0, 1);
        trio.Run(600 * Second);
        Assert.All(trio.Machines[..2], machine => Assert.Equal(AnnouncementLevel.Depreferred, machine.Level));
        Assert.Contains("the check is suspect", trio.Machines[0].WaitsFor, StringComparison.Ordinal);
    }

    [Fact]
    public void When_two_die_and_the_third_sees_it_the_two_go_and_the_third_stays()
    {
        Trio trio = Trio.Announced();
        trio.Fail(0, 1);
        trio.Silent(0, 1);
        trio.Run(30 * Second);
        Assert.Equal([AnnouncementLevel.Withdrawn, AnnouncementLevel.Withdrawn, AnnouncementLevel.Normal], trio.Machines.Select(machine => machine.Level));
        trio.Fail(2);
        trio.Run(600 * Second);
        Assert.Equal(AnnouncementLevel.Depreferred, trio.Machines[2].Level);
    }

    [Fact]
    public void Two_that_die_while_nobody_carries_words_stay_announced()
    {
        Trio trio = Trio.Announced();
        trio.CutAll();
        trio.Fail(0, 1);
        trio.Run(600 * Second);
        Assert.All(trio.Machines, machine => Assert.NotEqual(AnnouncementLevel.Withdrawn, machine.Level));
    }

    [Fact]
    public void Who_is_withdrawn_and_alone_announces_when_it_answers_at_all()
    {
        Trio trio = Trio.Announced();
        trio.Fail(0);
        trio.Run(5 * Second);
        Assert.Equal(AnnouncementLevel.Withdrawn, trio.Machines[0].Level);
        trio.CutAll();
        trio.Run(60 * Second);
        Assert.Equal(AnnouncementLevel.Withdrawn, trio.Machines[0].Level);
        trio.Mend(0);
        trio.Run(2 * Second);
        Assert.Equal(AnnouncementLevel.Normal, trio.Machines[0].Level);
        Assert.StartsWith("rescue", trio.Machines[0].Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_drain_is_less_preferred_first_then_withdrawn_then_over_and_can_be_taken_back()
    {
        Trio trio = Trio.Announced();
        trio.Order(0, new FailoverOrders(1, IsDraining: true, FailoverPin.None));
        trio.Run(2 * Second);
        Assert.Equal((FailoverPhase.Draining, AnnouncementLevel.Depreferred), (trio.Machines[0].Phase, trio.Machines[0].Level));
        trio.Run(117 * Second);
        Assert.Equal(FailoverPhase.Draining, trio.Machines[0].Phase);
        trio.Run(5 * Second);
        Assert.Equal(FailoverPhase.Withdrawn, trio.Machines[0].Phase);
        Assert.False(trio.Machines[0].IsDrained);
        trio.Step(0, new Connections(0));
        Assert.True(trio.Machines[0].IsDrained);
        trio.Order(0, new FailoverOrders(2, IsDraining: false, FailoverPin.None));
        trio.Run(3 * Second);
        Assert.Equal(FailoverPhase.Announced, trio.Machines[0].Phase);
    }

    [Fact]
    public void One_PoP_drains_at_a_time_and_the_last_one_stays()
    {
        Trio trio = Trio.Announced();
        for (int i = 0; i < 3; i++)
        {
            trio.Order(i, new FailoverOrders(1, IsDraining: true, FailoverPin.None));
        }

        trio.Run(600 * Second);

        // Whoever is to go itself promises nobody to stay.
        Assert.All(trio.Machines, machine => Assert.Equal(AnnouncementLevel.Depreferred, machine.Level));
        trio.Order(2, new FailoverOrders(2, IsDraining: false, FailoverPin.None));
        trio.Run(30 * Second);
        Assert.Equal(1, trio.Machines.Count(machine => machine.Level == AnnouncementLevel.Withdrawn));
        trio.Run(90 * Second);
        Assert.Equal(2, trio.Machines.Count(machine => machine.Level == AnnouncementLevel.Withdrawn));
        Assert.Equal(AnnouncementLevel.Normal, trio.Machines[2].Level);
    }

    [Fact]
    public void Orders_that_are_older_change_nothing()
    {
        Trio trio = Trio.Announced();
        trio.Order(0, new FailoverOrders(5, IsDraining: false, FailoverPin.None));
        trio.Order(0, new FailoverOrders(4, IsDraining: true, FailoverPin.Withdrawn));
        trio.Run(30 * Second);
        Assert.Equal((FailoverPhase.Announced, 5L), (trio.Machines[0].Phase, trio.Machines[0].OrdersVersion));
    }

    [Fact]
    public void Pinned_announced_stays_so_whatever_the_probes_say()
    {
        Trio trio = Trio.Announced();
        trio.Order(0, new FailoverOrders(1, IsDraining: false, FailoverPin.Announced));
        trio.Fail(0);
        trio.Run(60 * Second);
        Assert.Equal(AnnouncementLevel.Normal, trio.Machines[0].Level);
    }

    [Fact]
    public void Pinned_withdrawn_is_not_rescued()
    {
        Trio trio = Trio.Announced();
        trio.Order(0, new FailoverOrders(1, IsDraining: false, FailoverPin.Withdrawn));
        trio.Run(5 * Second);
        Assert.Equal(AnnouncementLevel.Withdrawn, trio.Machines[0].Level);
        trio.CutAll();
        trio.Run(300 * Second);
        Assert.Equal(AnnouncementLevel.Withdrawn, trio.Machines[0].Level);
    }

    [Fact]
    public void Three_withdrawals_in_a_row_are_held_back_until_the_penalty_has_halved()
    {
        DampingPolicy policy = new();
        RouteDamping damping = RouteDamping.None(TimeSpan.Zero).Add(1000, TimeSpan.Zero, policy);
        Assert.False(damping.IsHeld);
        damping = damping.Add(1000, Second, policy);
        Assert.True(damping.IsHeld);
        Assert.True(damping.Advance(TimeSpan.FromMinutes(21), policy).IsHeld);
        Assert.False(damping.Advance(TimeSpan.FromMinutes(22), policy).IsHeld);

        // However often: never for longer than an hour.
        for (int i = 0; i < 100; i++)
        {
            damping = damping.Add(1000, Second, policy);
        }

        Assert.False(damping.Advance(TimeSpan.FromMinutes(61), policy).IsHeld);
    }

    [Fact]
    public void Words_of_a_process_that_was_replaced_and_of_strangers_are_not_heard()
    {
        Trio trio = Trio.Announced();
        PeerView old = trio.LastView(1);
        trio.Restart(1);
        trio.Run(2 * Second);
        trio.Fail(0);
        trio.Run(Second);
        trio.Step(0, new PeerTold(old with { Sequence = long.MaxValue }));
        trio.Step(0, new PeerTold(old with { Server = "stranger", Pop = "nowhere" }));
        trio.Step(1, new PledgeAsked(new PledgeRequest(1, "stranger", "nowhere", IsVoluntary: true, null)));
        Assert.DoesNotContain(trio.Asked, asked => asked is "stranger");
        trio.Run(3 * Second);
        Assert.DoesNotContain("stranger", trio.Machines[0].WaitsFor ?? "", StringComparison.Ordinal);
    }

    /// <summary>Machines of three PoPs in one thread, with a second between two ticks.</summary>
    private sealed class Trio
    {
        private static readonly ImmutableArray<KnownServer> Known = [new("waw1", "waw"), new("lax1", "lax"), new("grr1", "grr")];
        private readonly bool[] _failing = new bool[3];
        private readonly bool[] _silent = new bool[3];
        private readonly PeerView?[] _views = new PeerView?[3];
        private readonly FailoverDurable?[] _disks = new FailoverDurable?[3];
        private bool _isCut;
        private TimeSpan _now;

        public Trio()
        {
            for (int i = 0; i < 3; i++)
            {
                Restart(i);
            }
        }

        public FailoverMachine[] Machines { get; } = new FailoverMachine[3];

        public List<string> Asked { get; } = [];

        public int WarmUps { get; private set; }

        public int LevelChanges { get; private set; }

        public static Trio Announced()
        {
            Trio trio = new();
            trio.Run(40 * Second);
            Assert.All(trio.Machines, machine => Assert.Equal(AnnouncementLevel.Normal, machine.Level));
            return trio;
        }

        public void Restart(int i, bool withDisk = false)
        {
            Machines[i] = new FailoverMachine(Known[i], instance: i + 100 + (long)_now.TotalSeconds, withDisk ? _disks[i] : null, seed: i, _now);
            Step(i, new Configured(Known, FailoverPolicy.Default));
        }

        public void Fail(params int[] which) => Array.ForEach(which, i => _failing[i] = true);

        public void Mend(params int[] which) => Array.ForEach(which, i => _failing[i] = false);

        public void Silent(params int[] which) => Array.ForEach(which, i => _silent[i] = true);

        public void CutAll() => _isCut = true;

        public void Order(int i, FailoverOrders orders) => Step(i, new Ordered(orders));

        public PeerView LastView(int i) => _views[i]!;

        public void Run(TimeSpan time)
        {
            for (TimeSpan end = _now + time; _now < end;)
            {
                _now += Second;
                for (int i = 0; i < 3; i++)
                {
                    Step(i, new Probed(_failing[i] ? new CheckFailure("http", "no answer within 2 s") : null));
                    for (int j = 0; j < 3; j++)
                    {
                        if (i != j)
                        {
                            Step(i, new PeerProbed(Known[j].Server, !_silent[j]));
                        }
                    }

                    Step(i, Tick.Instance);
                }
            }
        }

        public void Step(int i, FailoverEvent happening)
        {
            List<FailoverAction> actions = [];
            Machines[i].Step(happening, _now, actions);
            foreach (FailoverAction action in actions)
            {
                switch (action)
                {
                    case SetLevel level:
                        LevelChanges++;
                        Step(i, new OnWire(level.Level != AnnouncementLevel.Withdrawn));
                        break;
                    case Keep keep:
                        _disks[i] = keep.Durable;
                        Step(i, new Kept(keep.Durable.Version));
                        break;
                    case WarmUp:
                        WarmUps++;
                        Step(i, Warmed.Instance);
                        break;
                    case Tell tell:
                        _views[i] = tell.View;
                        ForOthers(i, new PeerTold(tell.View));
                        break;
                    case AskPledge ask:
                        Asked.Add(ask.Server);
                        To(ask.Server, new PledgeAsked(ask.Request));
                        break;
                    case AnswerPledge answer:
                        Asked.Add(answer.Server);
                        To(answer.Server, new PledgeAnswered(answer.Answer));
                        break;
                }
            }
        }

        private void ForOthers(int from, FailoverEvent happening)
        {
            for (int i = 0; i < 3 && !_isCut; i++)
            {
                if (i != from && Machines[i] is not null)
                {
                    Step(i, happening);
                }
            }
        }

        private void To(string server, FailoverEvent happening)
        {
            int i = Known.ToList().FindIndex(known => known.Server == server);
            if (!_isCut && i >= 0)
            {
                Step(i, happening);
            }
        }
    }
}
