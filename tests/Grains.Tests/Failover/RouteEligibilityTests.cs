using System.Collections.Immutable;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Contracts.Failover;
using OrleansCdn.Grains.Drain;
using OrleansCdn.Grains.Failover;
using static OrleansCdn.Grains.Tests.Failover.FailoverSamples;

namespace OrleansCdn.Grains.Tests.Failover;

/// <summary>I7: DNS sends nobody to a PoP whose routes are withdrawn.</summary>
public sealed class RouteEligibilityTests
{
    private static readonly ImmutableArray<string> Pops = ["waw", "lax", "grr"];
    private static readonly HashSet<string> All = [.. Pops];

    private static EligibilityBoard Board(EligibilityRow? before = null)
    {
        var board = new EligibilityBoard();
        board.Configure(Pops, before ?? new EligibilityRow(), All);
        return board;
    }

    private static AnnouncersSighting Sees(string pop, params AnnouncerSight[] sights) =>
        new(pop, [.. sights.Select((sight, i) => new AnnouncerSighting($"{pop}{i + 1}", sight, "is withdrawn: http fails"))]);

    private static PopEligibility Waw(EligibilityBoard board, double seconds) => board.Decide(new EligibilityRow(), At(seconds), At(seconds))[0];

    [Fact]
    public void A_PoP_whose_announcers_have_all_withdrawn_is_out_at_once_and_says_why()
    {
        EligibilityBoard board = Board();
        board.Take(Sees("waw", AnnouncerSight.Withdrawn, AnnouncerSight.Withdrawn), Start);
        Assert.Equal(
            new PopEligibility("waw", EligibilityState.Withdrawn, Start, "waw1 is withdrawn: http fails, waw2 is withdrawn: http fails"), Waw(board, 0));
        Assert.Equal(["lax", "grr"], board.InServiceWithout("x"));
    }

    [Theory]
    [InlineData(AnnouncerSight.Announced)]
    [InlineData(AnnouncerSight.Unknown)]
    public void One_that_announces_or_is_not_known_keeps_it_in(AnnouncerSight other)
    {
        EligibilityBoard board = Board();
        board.Take(Sees("waw", AnnouncerSight.Withdrawn, other), Start);
        Assert.True(Waw(board, 0).IsEligible);
    }

    [Fact]
    public void It_is_back_when_one_has_announced_for_a_while()
    {
        EligibilityBoard board = Board();
        board.Take(Sees("waw", AnnouncerSight.Withdrawn), Start);
        Waw(board, 0);
        board.Take(Sees("waw", AnnouncerSight.Announced), At(5));
        Assert.False(Waw(board, 5).IsEligible);
        double rise = PopJudge.RiseAfter.TotalSeconds;
        board.Take(Sees("waw", AnnouncerSight.Announced), At(4 + rise));
        Assert.False(Waw(board, 4 + rise).IsEligible);
        Assert.True(Waw(board, 5 + rise).IsEligible);
    }

    /// <summary>A silo that hears nobody, and an announcer that has just begun, know nothing.</summary>
    [Fact]
    public void What_is_not_known_changes_nothing()
    {
        EligibilityBoard board = Board();
        board.Take(Sees("waw", AnnouncerSight.Withdrawn), Start);
        Waw(board, 0);
        Assert.False(Waw(board, 3600).IsEligible);
        board.Take(Sees("waw", AnnouncerSight.Unknown), At(3600));
        Assert.False(Waw(board, 7200).IsEligible);
        Assert.True(Waw(Board(), 7200).IsEligible);
    }

    [Fact]
    public void What_was_decided_stays_across_a_restart()
    {
        var row = new EligibilityRow { Epoch = 9, Pops = [new PopEligibility("waw", EligibilityState.Withdrawn, Start, "waw1 is withdrawn")] };
        EligibilityBoard board = Board(row);
        Assert.Equal(row.Pops[0], board.Decide(row, At(100), At(100))[0]);
        board.Take(Sees("waw", AnnouncerSight.Announced), At(100));
        board.Decide(row, At(100), At(100));
        Assert.True(board.Decide(row, At(100) + PopJudge.RiseAfter, At(200))[0].IsEligible);
    }

    [Fact]
    public void A_PoP_that_announces_no_more_is_judged_by_its_edges_alone()
    {
        EligibilityBoard board = Board();
        board.Take(Sees("waw", AnnouncerSight.Withdrawn), Start);
        Waw(board, 0);
        board.Configure(Pops, new EligibilityRow(), new HashSet<string>(["lax", "grr"]));
        Assert.True(Waw(board, 1).IsEligible);
        // Also when it is told that nobody announces there.
        EligibilityBoard told = Board();
        told.Take(Sees("waw"), Start);
        Assert.True(Waw(told, 0).IsEligible);
    }

    [Fact]
    public void What_edges_say_is_a_reason_of_its_own()
    {
        EligibilityBoard board = Board();
        double fall = PopJudge.FallAfter.TotalSeconds;
        var gone = new PopSighting("waw", [new EdgeSighting("waw1", EdgeSight.Left)], 0);
        board.Take(gone, Start);
        Waw(board, 0);
        board.Take(gone, At(fall));
        board.Take(Sees("waw", AnnouncerSight.Announced), At(fall));
        Assert.Equal((EligibilityState.Gone, "waw1 has stopped"), (Waw(board, fall).State, Waw(board, fall).Detail));
    }

    [Fact]
    public void An_operators_pin_takes_it_out_with_the_reason()
    {
        EligibilityBoard board = Board();
        board.Take(new PopDrain { Pop = "waw", State = DrainState.InService, Version = 1, Pin = new PopPin(FailoverPin.Withdrawn, At(-5), "ann", "fire") });
        Assert.Equal(new PopEligibility("waw", EligibilityState.Draining, At(-5), "pinned withdrawn: fire"), Waw(board, 0));
        Assert.DoesNotContain("waw", board.InServiceWithout("x"));
        board.Take(new PopDrain { Pop = "waw", State = DrainState.InService, Version = 2, Pin = new PopPin(FailoverPin.Announced, At(0), "ann") });
        Assert.True(Waw(board, 1).IsEligible);
    }

    /// <summary>An edge that cannot read what it is told would lose its feed.</summary>
    [Fact]
    public void Edges_are_told_in_words_that_those_of_older_software_know()
    {
        var row = new EligibilityRow
        {
            Epoch = 9,
            Pops = [new PopEligibility("waw", EligibilityState.Withdrawn, Start, "waw1 is withdrawn"), new PopEligibility("lax", EligibilityState.InService, Start)],
        };
        Assert.Equal([new("waw", EligibilityState.Gone, Start, "waw1 is withdrawn"), row.Pops[1]], row.ForEdges().Pops.AsEnumerable());
        Assert.Equal((9, EligibilityState.Withdrawn), (row.ForEdges().Epoch, row.View().Pops[0].State));
    }

    [Theory]
    [InlineData(FailoverPhase.Announced, AnnouncementLevel.Normal, AnnouncerSight.Announced)]
    [InlineData(FailoverPhase.Announced, AnnouncementLevel.Depreferred, AnnouncerSight.Announced)]
    [InlineData(FailoverPhase.Draining, AnnouncementLevel.Depreferred, AnnouncerSight.Announced)]
    [InlineData(FailoverPhase.Withdrawn, AnnouncementLevel.Withdrawn, AnnouncerSight.Withdrawn)]
    [InlineData(FailoverPhase.Held, AnnouncementLevel.Withdrawn, AnnouncerSight.Withdrawn)]
    [InlineData(FailoverPhase.Cold, AnnouncementLevel.Withdrawn, AnnouncerSight.Unknown)]
    [InlineData(FailoverPhase.Warming, AnnouncementLevel.Withdrawn, AnnouncerSight.Unknown)]
    public void A_view_is_evidence_while_it_is_fresh(FailoverPhase phase, AnnouncementLevel level, AnnouncerSight sight)
    {
        PeerView view = View("waw1") with { Phase = phase, Level = level, FailingCheck = "http" };
        double fresh = FailoverPolicy.Default.FreshFor.TotalSeconds;
        Assert.Equal(sight, AnnouncerSights.Of("waw1", (view, Start), At(fresh)).Sight);
        Assert.Equal(AnnouncerSight.Unknown, AnnouncerSights.Of("waw1", (view, Start), At(fresh + 0.1)).Sight);
        Assert.Equal(AnnouncerSight.Unknown, AnnouncerSights.Of("waw1", null, Start).Sight);
        Assert.Equal(sight == AnnouncerSight.Withdrawn ? "is withdrawn: http fails" : null, AnnouncerSights.Of("waw1", (view, Start), Start).Words);
    }

    [Fact]
    public void An_announcer_that_says_too_much_is_written_down_in_part_and_the_rest_is_counted()
    {
        var budget = new NoteBudget();
        Assert.Equal((FailoverLimits.MaxNotes, 0), budget.Take(FailoverLimits.MaxNotes, Start));
        Assert.Equal((0, 0), budget.Take(5, At(1)));
        Assert.Equal((0, 0), budget.Take(FailoverLimits.MaxNotes, At(59)));
        Assert.Equal((3, 5 + FailoverLimits.MaxNotes), budget.Take(3, Start + NoteBudget.Span));
        Assert.Equal((2, 0), budget.Take(2, Start + NoteBudget.Span));
    }
}
