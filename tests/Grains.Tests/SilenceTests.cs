using System.Collections.Immutable;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Grains.Drain;
using OrleansCdn.Grains.Pop;

namespace OrleansCdn.Grains.Tests;

/// <summary>An edge that no silo hears: what edges of other PoPs make of it, and what that makes of its PoP.</summary>
public sealed class SilenceTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly ImmutableArray<string> Pops = ["waw", "lax", "grr", "fra"];

    /// <summary>What PoPs say of an edge: <c>s</c> silent, <c>a</c> answers, <c>-</c> cannot tell, <c>o</c> older software; one letter for each edge.</summary>
    [Theory]
    [InlineData("", "")]
    [InlineData("o", "")]
    [InlineData("-", "")]
    [InlineData("s", "p0")]
    [InlineData("a", "")]
    [InlineData("s s", "p0 p1")]
    [InlineData("s a", "")] // one of two is not more than half
    [InlineData("s s a", "p0 p1")]
    [InlineData("s a a", "")]
    [InlineData("s o -", "p0")] // who cannot tell does not count
    [InlineData("ss", "p0")]
    [InlineData("sa", "")] // one edge that gets an answer speaks for its PoP
    [InlineData("s- oo", "p0")]
    [InlineData("sa s s", "p1 p2")]
    public void More_than_half_of_those_who_can_tell_have_to_agree(string said, string found)
    {
        ImmutableArray<PopSighting> others =
        [
            .. said.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select((edges, i) => new PopSighting(
                $"p{i}", [.. edges.Select((letter, e) => new EdgeSighting($"p{i}e{e}", EdgeSight.Serving, Said(letter)))], 0)),
        ];
        Assert.Equal(found.Split(' ', StringSplitOptions.RemoveEmptyEntries), Silence.FoundBy("waw1", others));
    }

    [Fact]
    public void A_PoP_that_nobody_hears_is_out_at_once_and_says_who_saw_it()
    {
        var network = new Network();
        network.Sees("waw", EdgeSight.Unknown);
        network.Says("lax", silent: "waw1");
        network.Says("grr", silent: "waw1");
        PopEligibility waw = network.Decide("waw");
        Assert.Equal((EligibilityState.Gone, "waw1 does not answer lax and grr"), (waw.State, waw.Detail));
        Assert.All(Pops.Remove("waw"), pop => Assert.True(network.Decide(pop).IsEligible));
    }

    /// <summary>The silo has lost sight of it, and the edges elsewhere have not.</summary>
    [Fact]
    public void A_silo_that_is_cut_off_takes_nobody_out()
    {
        var network = new Network();
        network.Sees("waw", EdgeSight.Unknown);
        network.Says("lax", answering: "waw1");
        network.Says("grr", silent: "waw1");
        for (int i = 0; i < 100; i++)
        {
            Assert.True(network.Decide("waw").IsEligible);
            network.Pass(GrainLimits.SyncInterval);
        }
    }

    /// <summary>Only the way between the edges is cut.</summary>
    [Fact]
    public void An_edge_that_a_silo_hears_serves_whatever_others_find()
    {
        var network = new Network();
        network.Says("lax", silent: "waw1");
        network.Says("grr", silent: "waw1");
        network.Says("fra", silent: "waw1");
        Assert.True(network.Decide("waw").IsEligible);
        network.Pass(TimeSpan.FromHours(1));
        Assert.True(network.Decide("waw").IsEligible);
    }

    /// <summary>Of itself a PoP may say what it likes.</summary>
    [Fact]
    public void Edges_of_the_same_PoP_are_no_witnesses()
    {
        var network = new Network();
        network.Sees("waw", new EdgeSighting("waw1", EdgeSight.Unknown), new EdgeSighting("waw2", EdgeSight.WantsOut, new EdgeReach { Silent = ["waw1"] }));
        Assert.True(network.Decide("waw").IsEligible);
        network.Pass(PopJudge.FallAfter + GrainLimits.SyncInterval);
        Assert.True(network.Decide("waw").IsEligible);
    }

    /// <summary>Whoever is left serves itself.</summary>
    [Fact]
    public void The_only_one_that_is_left_counts_alone()
    {
        var network = new Network();
        foreach (string pop in Pops.Remove("lax"))
        {
            network.Sees(pop, EdgeSight.Unknown);
        }

        network.Says("lax", silent: "waw1 grr1 fra1");
        Assert.Equal(["lax"], Pops.Where(pop => network.Decide(pop).IsEligible));
    }

    [Fact]
    public void A_PoP_that_is_heard_again_is_back_after_a_while()
    {
        var network = new Network();
        network.Sees("waw", EdgeSight.Unknown);
        network.Says("lax", silent: "waw1");
        Assert.False(network.Decide("waw").IsEligible);
        network.Sees("waw", EdgeSight.Serving);
        Assert.False(network.Decide("waw").IsEligible);
        network.Pass(PopJudge.RiseAfter);
        Assert.True(network.Decide("waw").IsEligible);
    }

    /// <summary>The witnesses are gone, too: what was decided stays.</summary>
    [Fact]
    public void Without_witnesses_what_was_decided_stays()
    {
        var network = new Network();
        network.Sees("waw", EdgeSight.Unknown);
        network.Says("lax", silent: "waw1");
        Assert.False(network.Decide("waw").IsEligible);
        network.Sees("lax", EdgeSight.Unknown);
        network.Pass(TimeSpan.FromHours(1));
        Assert.False(network.Decide("waw").IsEligible);
        Assert.True(network.Decide("lax").IsEligible);
    }

    /// <summary>One that has said that it stops is no surprise, and does not serve all the same.</summary>
    [Fact]
    public void An_edge_that_has_stopped_and_is_silent_need_not_be_waited_for()
    {
        var network = new Network();
        network.Sees("waw", EdgeSight.Left);
        Assert.True(network.Decide("waw").IsEligible);
        network.Says("lax", silent: "waw1");
        Assert.Equal(EligibilityState.Gone, network.Decide("waw").State);
    }

    [Fact]
    public void PoPs_without_a_grain_are_woken()
    {
        var board = new EligibilityBoard();
        board.Configure(["waw", "lax"], new EligibilityRow());
        Assert.Equal(["waw", "lax"], board.Unheard(Start));
        board.Take(new PopSighting("waw", [], 0), Start);
        Assert.Equal(["lax"], board.Unheard(Start));
        Assert.Equal(["waw", "lax"], board.Unheard(Start + GrainLimits.SubscriptionAge));
    }

    /// <summary>A process that hangs keeps its connection, and what it found before it hung counts no longer.</summary>
    [Fact]
    public void A_connection_without_heartbeats_proves_nothing_and_is_no_witness()
    {
        var member = new EdgeMember("waw1");
        Assert.Equal(EdgeSight.Unknown, member.Sighting(Start).Sight);
        member.Connect(Hello, "c1", Start);
        member.Report(Report("c1"), Start);
        EdgeSighting well = member.Sighting(Start + EdgeMember.QuietAfter);
        Assert.Equal((EdgeSight.Serving, "lax1"), (well.Sight, well.Reach!.Silent.Single()));

        member.Heard(Start.AddMinutes(1)); // of the silo that holds the connection
        EdgeSighting quiet = member.Sighting(Start + EdgeMember.QuietAfter + TimeSpan.FromMilliseconds(1));
        Assert.Equal((EdgeSight.Unknown, null), (quiet.Sight, quiet.Reach));

        member.Report(Report("c1"), Start.AddMinutes(1));
        Assert.Equal(EdgeSight.Serving, member.Sighting(Start.AddMinutes(1)).Sight);
        member.Disconnect(EdgeDeparture.Lost);
        Assert.Equal((EdgeSight.Unknown, null), (member.Sighting(Start.AddMinutes(1)).Sight, member.Sighting(Start.AddMinutes(1)).Reach));
        member.Connect(Hello, "c2", Start.AddMinutes(2));
        Assert.Equal((EdgeSight.Serving, null), (member.Sighting(Start.AddMinutes(2)).Sight, member.Sighting(Start.AddMinutes(2)).Reach));
    }

    private static EdgeHello Hello => new()
    {
        Protocol = FeedProtocol.Version,
        Pop = "waw",
        Edge = "waw1",
        Instance = "i",
        SoftwareVersion = "test",
        ConfigVersion = 1,
        Cursor = PurgeCursor.None,
        Addresses = new EdgeAddresses(),
    };

    private static PopReport Report(string connection) => new()
    {
        Edge = "waw1",
        Connection = connection,
        Cursor = PurgeCursor.None,
        Condition = new EdgeCondition { Disk = EdgeDisk.None, Reach = new EdgeReach { Silent = ["lax1"] } },
    };

    private static EdgeReach? Said(char letter) => letter switch
    {
        's' => new EdgeReach { Answering = ["other"], Silent = ["waw1"] },
        'a' => new EdgeReach { Answering = ["waw1"], Silent = ["other"] },
        '-' => new EdgeReach { Answering = ["other"] },
        _ => null,
    };

    /// <summary>A board that hears of every PoP at every moment, of one edge each.</summary>
    private sealed class Network
    {
        private readonly EligibilityBoard _board = new();
        private readonly Dictionary<string, PopSighting> _sightings = [];
        private DateTimeOffset _now = Start;

        public Network()
        {
            _board.Configure(Pops, new EligibilityRow());
            foreach (string pop in Pops)
            {
                Sees(pop, EdgeSight.Serving);
            }
        }

        public void Sees(string pop, EdgeSight sight) => Sees(pop, new EdgeSighting($"{pop}1", sight));

        public void Sees(string pop, params EdgeSighting[] edges) => _sightings[pop] = new PopSighting(pop, [.. edges], 0);

        public void Says(string pop, string answering = "", string silent = "") => Sees(
            pop,
            new EdgeSighting($"{pop}1", EdgeSight.Serving, new EdgeReach { Answering = [.. answering.Split(' ')], Silent = [.. silent.Split(' ')] }));

        public void Pass(TimeSpan time) => _now += time;

        public PopEligibility Decide(string pop)
        {
            foreach (PopSighting sighting in _sightings.Values)
            {
                _board.Take(sighting, _now);
            }

            return _board.Decide(new EligibilityRow(), _now, _now).Single(decided => decided.Pop == pop);
        }
    }
}
