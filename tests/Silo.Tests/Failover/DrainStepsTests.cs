using System.Collections.Immutable;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Contracts.Failover;
using OrleansCdn.Silo.Api.Drain;

namespace OrleansCdn.Silo.Tests.Failover;

/// <summary>What is shown of a drain by what is known of it.</summary>
public sealed class DrainStepsTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 10, 0, TimeSpan.Zero);

    private static readonly FailoverPolicy Policy = FailoverPolicy.Default;

    private static DrainSight Sight(DrainState state, EligibilityState eligibility, params FailoverServer[] servers) => new()
    {
        Drain = new PopDrain { Pop = "waw", State = state, Version = 3, Since = Now.AddSeconds(-60), Who = "ann", OrdersVersion = 7 },
        Eligibility = new PopEligibility("waw", eligibility, Now, eligibility == EligibilityState.InService ? null : "disks"),
        Epoch = 12,
        Confirmations = Confirmed(("waw1", true, true), ("lax1", true, true)),
        Announcers = [.. servers],
        Policy = Policy,
        Connections = [],
        Now = Now,
    };

    private static ImmutableArray<EligibilityPopState> Confirmed(params (string Edge, bool Connected, bool Confirmed)[] edges) =>
        [.. edges.Select(edge => new EligibilityPopState { Pop = edge.Edge[..3], Edges = [new EligibilityEdgeState(edge.Edge, edge.Connected, edge.Confirmed)] })];

    private static FailoverServer Server(
        FailoverPhase phase, AnnouncementLevel level, int since = 30, string? waitsFor = null, long orders = 7, bool isDrained = false, int? connections = null, string name = "waw1") => new()
    {
        Server = name,
        Connected = true,
        Status = new FailoverStatus
        {
            Phase = phase, Level = level, Since = Now.AddSeconds(-since), Why = "because", WaitsFor = waitsFor, OrdersVersion = orders, IsDrained = isDrained, Connections = connections,
        },
    };

    private static string Text(DrainProgressReply reply) => string.Join("\n", reply.Steps.Select(step => $"{step.Step} {step.State}: {step.Detail} [{step.SecondsLeft}]"));

    public static TheoryData<string, string> Drains => new()
    {
        {
            "unheard",
            """
            Dns Done: decision 12 is in force at 2 edges []
            Deprefer UnderWay: it is being told []
            Withdraw UnderWay: it is being told []
            Connections Pending:  []
            """
        },
        {
            "waits",
            """
            Dns Done: decision 12 is in force at 2 edges []
            Deprefer Done: upstreams prefer other ways []
            Withdraw UnderWay: in 90 s, when DNS caches have forgotten it [90]
            Connections Pending:  []
            """
        },
        {
            "held",
            """
            Dns Done: decision 12 is in force at 2 edges []
            Deprefer Done: upstreams prefer other ways []
            Withdraw HeldBack: lax1 is to go itself []
            Connections Pending:  []
            """
        },
        {
            "withdrawn",
            """
            Dns Done: decision 12 is in force at 2 edges []
            Deprefer Done: upstreams prefer other ways []
            Withdraw Done: the routes are withdrawn []
            Connections UnderWay: 5 open, 270 s at most [270]
            """
        },
        {
            "drained",
            """
            Dns Done: decision 12 is in force at 2 edges []
            Deprefer Done: upstreams prefer other ways []
            Withdraw Done: the routes are withdrawn []
            Connections Done: none are left []
            """
        },
        {
            "away",
            """
            Dns Done: decision 12 is in force at 2 edges []
            Deprefer HeldBack: waw2: is not connected: its routes stay as they are []
            Withdraw HeldBack: waw2: is not connected: its routes stay as they are []
            Connections Pending:  []
            """
        },
        {
            "behind",
            """
            Dns Done: decision 12 is in force at 2 edges []
            Deprefer Done: waw1: upstreams prefer other ways []
            Withdraw UnderWay: waw2: in 90 s, when DNS caches have forgotten it [90]
            Connections Pending:  []
            """
        },
    };

    [Theory]
    [MemberData(nameof(Drains))]
    public void A_drain_is_as_far_as_the_announcer_that_is_behind(string which, string steps)
    {
        FailoverServer[] servers = which switch
        {
            "unheard" => [Server(FailoverPhase.Announced, AnnouncementLevel.Normal, orders: 6)],
            "waits" => [Server(FailoverPhase.Draining, AnnouncementLevel.Depreferred)],
            "held" => [Server(FailoverPhase.Draining, AnnouncementLevel.Depreferred, since: 130, waitsFor: "lax1 is to go itself")],
            "withdrawn" => [Server(FailoverPhase.Withdrawn, AnnouncementLevel.Withdrawn, connections: 5)],
            "drained" => [Server(FailoverPhase.Withdrawn, AnnouncementLevel.Withdrawn, connections: 0, isDrained: true)],
            "away" => [Server(FailoverPhase.Withdrawn, AnnouncementLevel.Withdrawn), Server(FailoverPhase.Announced, AnnouncementLevel.Normal, name: "waw2") with { Connected = false }],
            _ => [Server(FailoverPhase.Withdrawn, AnnouncementLevel.Withdrawn), Server(FailoverPhase.Draining, AnnouncementLevel.Depreferred, name: "waw2")],
        };
        DrainProgressReply reply = DrainSteps.Of(Sight(DrainState.Draining, EligibilityState.Draining, servers));
        Assert.Equal(DrainAction.Drain, reply.Towards);
        Assert.Equal(steps, Text(reply), ignoreLineEndingDifferences: true);
        Assert.Equal(which == "drained", reply.IsDone);
    }

    public static TheoryData<string, string> Returns => new()
    {
        {
            "warming",
            """
            WarmUp UnderWay: is under way, 90 s at most [90]
            Announce Pending:  []
            Dns HeldBack: DNS sends it no visitors yet: disks []
            """
        },
        {
            "held",
            """
            WarmUp HeldBack: because; it waits until that has faded []
            Announce Pending:  []
            Dns HeldBack: DNS sends it no visitors yet: disks []
            """
        },
        {
            "announced",
            """
            WarmUp Done: because []
            Announce Done: upstreams have its routes []
            Dns HeldBack: DNS sends it no visitors yet: disks []
            """
        },
        {
            "one of two",
            """
            WarmUp Done: waw2: because []
            Announce Done: waw2: upstreams have its routes []
            Dns HeldBack: DNS sends it no visitors yet: disks []
            """
        },
        {
            "failing",
            """
            WarmUp Done: because []
            Announce HeldBack: because []
            Dns HeldBack: DNS sends it no visitors yet: disks []
            """
        },
    };

    [Theory]
    [MemberData(nameof(Returns))]
    public void The_way_back_is_as_far_as_the_announcer_that_is_ahead(string which, string steps)
    {
        FailoverServer announced = Server(FailoverPhase.Announced, AnnouncementLevel.Normal);
        FailoverServer[] servers = which switch
        {
            "warming" => [Server(FailoverPhase.Warming, AnnouncementLevel.Withdrawn)],
            "held" => [Server(FailoverPhase.Held, AnnouncementLevel.Withdrawn)],
            "announced" => [announced],
            "failing" => [Server(FailoverPhase.Announced, AnnouncementLevel.Depreferred)],
            _ => [Server(FailoverPhase.Withdrawn, AnnouncementLevel.Withdrawn), announced with { Server = "waw2" }],
        };
        DrainProgressReply reply = DrainSteps.Of(Sight(DrainState.InService, EligibilityState.Withdrawn, servers));
        Assert.Equal(DrainAction.Undrain, reply.Towards);
        Assert.Equal(steps, Text(reply), ignoreLineEndingDifferences: true);
        Assert.False(reply.IsDone);
        Assert.Equal(
            which is "announced" or "one of two", DrainSteps.Of(Sight(DrainState.InService, EligibilityState.InService, servers)).IsDone);
    }

    [Fact]
    public void Edges_that_are_slow_are_waited_for_and_those_that_are_away_are_named()
    {
        DrainSight sight = Sight(DrainState.Draining, EligibilityState.Draining, Server(FailoverPhase.Draining, AnnouncementLevel.Depreferred));
        DrainStepView slow = Dns(sight with { Confirmations = Confirmed(("waw1", true, true), ("lax1", true, false), ("grr1", false, false)) });
        Assert.Equal((DrainStepState.UnderWay, "waits for lax/lax1; not connected, and answering by what they knew: grr/grr1"), (slow.State, slow.Detail));
        DrainStepView away = Dns(sight with { Confirmations = Confirmed(("waw1", true, true), ("grr1", false, false)) });
        Assert.Equal((DrainStepState.Done, "decision 12 is in force at 1 edges; not connected, and answering by what they knew: grr/grr1"), (away.State, away.Detail));
        Assert.Equal(DrainStepState.UnderWay, Dns(sight with { Eligibility = new PopEligibility("waw", EligibilityState.InService, Now) }).State);

        static DrainStepView Dns(DrainSight sight) => DrainSteps.Of(sight).Steps.Single(step => step.Step == DrainStepKind.Dns);
    }

    [Fact]
    public void Where_nobody_announces_there_are_DNS_and_connections()
    {
        DrainSight sight = Sight(DrainState.Draining, EligibilityState.Draining) with { Connections = [("waw1", 2), ("waw2", 1)] };
        DrainProgressReply open = DrainSteps.Of(sight);
        Assert.Equal([DrainStepKind.Dns, DrainStepKind.Connections], open.Steps.Select(step => step.Step));
        Assert.Equal((DrainStepState.UnderWay, "3 open, 360 s at most", 360), (open.Steps[1].State, open.Steps[1].Detail, open.Steps[1].SecondsLeft));
        Assert.True(DrainSteps.Of(sight with { Connections = [("waw1", 0)] }).IsDone);
        Assert.True(DrainSteps.Of(sight with { Now = Now.AddSeconds(360) }).IsDone);
        Assert.Equal("not known how many are open, 360 s at most", DrainSteps.Of(sight with { Connections = [] }).Steps[1].Detail);
        Assert.Equal([DrainStepKind.Dns], DrainSteps.Of(Sight(DrainState.InService, EligibilityState.InService)).Steps.Select(step => step.Step));
    }

    [Fact]
    public void One_edge_waits_for_its_own_connections_and_for_no_route()
    {
        DrainSight sight = Sight(DrainState.InService, EligibilityState.InService, Server(FailoverPhase.Announced, AnnouncementLevel.Normal)) with
        {
            Edge = "waw2", IsEdgeOut = true, Connections = [("waw1", 9), ("waw2", 1)],
        };
        sight = sight with { Drain = sight.Drain with { Edges = [new EdgeDrain("waw2", Now.AddSeconds(-20), "ann")] } };
        DrainProgressReply open = DrainSteps.Of(sight);
        Assert.Equal((DrainAction.Drain, "waw2"), (open.Towards, open.Edge));
        Assert.Equal("Dns Done: decision 12 is in force at 2 edges []\nConnections UnderWay: 1 open, 400 s at most [400]", Text(open));
        Assert.True(DrainSteps.Of(sight with { Connections = [("waw1", 9), ("waw2", 0)] }).IsDone);
        DrainProgressReply back = DrainSteps.Of(sight with { Drain = sight.Drain with { Edges = [] } });
        Assert.Equal((DrainAction.Undrain, DrainStepState.UnderWay), (back.Towards, back.Steps.Single().State));
        Assert.True(DrainSteps.Of(sight with { Drain = sight.Drain with { Edges = [] }, IsEdgeOut = false }).IsDone);
    }
}
