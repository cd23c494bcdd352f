using System.Collections.Immutable;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Grains.Drain;

namespace OrleansCdn.Grains.Tests;

/// <summary>Drains and who is eligible, without grains: what follows from what.</summary>
public sealed class DrainTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly ImmutableArray<string> ThreePops = ["waw", "lax", "grr"];

    [Fact]
    public void A_drain_is_done_once_and_who_did_it_stays_written_down()
    {
        DrainStep first = DrainMachine.Step(new DrainRow(), Ordered(DrainAction.Drain, "ann", "disks"), Start);
        Assert.Equal((DrainVerdict.Done, DrainState.Draining, 1L), (first.Verdict, first.Row.State, first.Row.Version));
        DrainStep again = DrainMachine.Step(first.Row, Ordered(DrainAction.Drain, "bob", "retry"), Start.AddHours(1));
        Assert.Equal(DrainVerdict.Unchanged, again.Verdict);
        Assert.Same(first.Row, again.Row);
        PopDrain view = again.Row.View("waw");
        Assert.Equal(("waw", Start, "ann", "disks"), (view.Pop, view.Since, view.Who, view.Why));

        DrainStep back = DrainMachine.Step(again.Row, Ordered(DrainAction.Undrain, "bob", null), Start.AddHours(2));
        Assert.Equal((DrainVerdict.Done, DrainState.InService, 2L), (back.Verdict, back.Row.State, back.Row.Version));
        Assert.Equal(DrainVerdict.Unchanged, DrainMachine.Step(back.Row, Ordered(DrainAction.Undrain, "cat", null), Start.AddHours(3)).Verdict);
        Assert.Equal(["ann", "bob"], back.Row.History.Select(c => c.Who));
    }

    [Fact]
    public void A_PoP_that_was_never_drained_is_in_service_and_undraining_it_writes_nothing()
    {
        var row = new DrainRow();
        Assert.Equal(DrainState.InService, row.View("waw").State);
        Assert.Null(row.View("waw").Since);
        Assert.Same(row, DrainMachine.Step(row, Ordered(DrainAction.Undrain, "ann", null), Start).Row);
    }

    [Fact]
    public void The_history_is_bounded_and_versions_go_on()
    {
        var row = new DrainRow();
        for (int i = 0; i < 3 * DrainRow.MaxHistory; i++)
        {
            row = DrainMachine.Step(row, Ordered(i % 2 == 0 ? DrainAction.Drain : DrainAction.Undrain, "ann", null), Start).Row;
        }

        Assert.Equal((DrainRow.MaxHistory, 3L * DrainRow.MaxHistory), (row.History.Length, row.Version));
    }

    public static TheoryData<string, string> Evidence => new()
    {
        { "", "Unknown" },
        { "Unknown", "Unknown" },
        { "Serving", "Well" },
        { "WantsOut", "WantsOut" },
        { "Left", "Gone" },
        { "Left Left", "Gone" },
        { "Left WantsOut", "Gone" },
        { "WantsOut WantsOut", "WantsOut" },
        { "Left Serving", "Well" },
        { "WantsOut Serving", "Well" },
        { "Unknown Serving", "Well" },
        { "Left Unknown", "Unknown" },
        { "WantsOut Unknown", "Unknown" },
        { "Silent", "Silent" },
        { "Silent Silent", "Silent" },
        { "Silent Serving", "Well" },
        { "Silent Unknown", "Unknown" },
        { "Silent Left", "Gone" },
        { "Silent WantsOut", "Gone" },
    };

    /// <summary>One edge that may serve is enough for a PoP; one out of sight is enough not to know.</summary>
    [Theory]
    [MemberData(nameof(Evidence))]
    public void What_the_edges_of_a_PoP_say_together(string sights, string evidence) =>
        Assert.Equal(Enum.Parse<PopEvidence>(evidence), PopJudge.Weigh(Edges(sights)));

    [Fact]
    public void Evidence_counts_when_it_lasts()
    {
        var judge = new PopJudge(EligibilityState.InService);
        judge = judge.Step(PopEvidence.Gone, Start);
        judge = judge.Step(PopEvidence.Gone, Start + PopJudge.FallAfter - TimeSpan.FromMilliseconds(1));
        Assert.Equal(EligibilityState.InService, judge.State);
        judge = judge.Step(PopEvidence.Gone, Start + PopJudge.FallAfter);
        Assert.Equal(EligibilityState.Gone, judge.State);

        DateTimeOffset back = Start.AddMinutes(5);
        judge = judge.Step(PopEvidence.Well, back);
        Assert.Equal(EligibilityState.Gone, judge.State);
        judge = judge.Step(PopEvidence.Well, back + PopJudge.RiseAfter);
        Assert.Equal(EligibilityState.InService, judge.State);
    }

    /// <summary>An edge that is restarted, and one that comes and goes.</summary>
    [Fact]
    public void Evidence_that_is_interrupted_begins_anew()
    {
        foreach (PopEvidence between in (PopEvidence[])[PopEvidence.Well, PopEvidence.Unknown])
        {
            PopJudge judge = new PopJudge(EligibilityState.InService)
                .Step(PopEvidence.Gone, Start)
                .Step(between, Start.AddSeconds(10))
                .Step(PopEvidence.Gone, Start.AddSeconds(11))
                .Step(PopEvidence.Gone, Start.AddSeconds(11) + PopJudge.FallAfter - TimeSpan.FromSeconds(1));
            Assert.Equal(EligibilityState.InService, judge.State);
        }
    }

    [Fact]
    public void Silence_changes_nothing_however_long_it_lasts()
    {
        foreach (EligibilityState state in (EligibilityState[])[EligibilityState.InService, EligibilityState.Gone, EligibilityState.WantsOut])
        {
            var judge = new PopJudge(state);
            for (int day = 0; day < 30; day++)
            {
                judge = judge.Step(PopEvidence.Unknown, Start.AddDays(day));
            }

            Assert.Equal(state, judge.State);
        }
    }

    [Fact]
    public void Out_for_another_reason_is_out_all_along()
    {
        PopJudge judge = new PopJudge(EligibilityState.InService)
            .Step(PopEvidence.WantsOut, Start)
            .Step(PopEvidence.Gone, Start + PopJudge.FallAfter);
        Assert.Equal(EligibilityState.Gone, judge.State);
        Assert.Equal(EligibilityState.WantsOut, judge.Step(PopEvidence.WantsOut, Start.AddMinutes(1)).State);
    }

    [Fact]
    public void An_operators_word_comes_first_and_counts_at_once()
    {
        EligibilityBoard board = Board(new EligibilityRow());
        board.Take(Drained("waw", "disks"));
        ImmutableArray<PopEligibility> decided = board.Decide(new EligibilityRow(), Start, Start);
        Assert.Equal(["waw", "lax", "grr"], decided.Select(p => p.Pop));
        Assert.Equal((EligibilityState.Draining, "disks"), (decided[0].State, decided[0].Detail));
        Assert.Equal([false, true, true], decided.Select(p => p.IsEligible));
        Assert.Equal(["lax", "grr"], board.InServiceWithout("waw"));
        Assert.Equal(["grr"], board.InServiceWithout("lax"));
    }

    [Fact]
    public void A_PoP_whose_edges_have_all_left_is_out_after_a_while_and_says_which()
    {
        EligibilityBoard board = Board(new EligibilityRow());
        EligibilityRow row = new EligibilityRow().With(board.Decide(new EligibilityRow(), Start, Start), 0, Start);
        DateTimeOffset now = Start;
        for (; now < Start + PopJudge.FallAfter; now += GrainLimits.SyncInterval)
        {
            board.Take(new PopSighting("lax", Edges("Left WantsOut"), row.Epoch), now);
            Assert.Same(row, row.With(board.Decide(row, now, now), board.Observed, now));
        }

        board.Take(new PopSighting("lax", Edges("Left WantsOut"), row.Epoch), now);
        EligibilityRow next = row.With(board.Decide(row, now, now), board.Observed, now);
        Assert.Equal(row.Epoch + 1, next.Epoch);
        Assert.Equal((EligibilityState.Gone, now, "e0 has stopped, e1 wants no visitors"), (next.Find("lax")!.State, next.Find("lax")!.Since, next.Find("lax")!.Detail));
        Assert.Equal(row.Find("waw"), next.Find("waw"));
    }

    /// <summary>The PoP's grain is gone, or cut off from this one: that says nothing of its edges.</summary>
    [Fact]
    public void What_is_not_repeated_counts_for_a_while_only()
    {
        EligibilityBoard board = Board(new EligibilityRow());
        board.Take(new PopSighting("lax", Edges("Left"), 0), Start);
        board.Decide(new EligibilityRow(), Start, Start);
        DateTimeOffset later = Start + GrainLimits.SubscriptionAge + PopJudge.FallAfter;
        Assert.All(board.Decide(new EligibilityRow(), later, later), pop => Assert.True(pop.IsEligible));
    }

    /// <summary>After a restart of the silo nobody has been seen yet.</summary>
    [Fact]
    public void What_was_decided_stays_across_a_restart_until_the_edges_say_otherwise()
    {
        var stored = new EligibilityRow
        {
            Epoch = 9,
            Pops =
            [
                new PopEligibility("waw", EligibilityState.Draining, Start, "disks"),
                new PopEligibility("lax", EligibilityState.Gone, Start, "lax1 has stopped"),
                new PopEligibility("grr", EligibilityState.InService, Start),
            ],
        };
        EligibilityBoard board = Board(stored);
        board.Take(Drained("waw", "disks"));
        DateTimeOffset now = Start.AddHours(1);
        EligibilityRow same = stored.With(board.Decide(stored, now, now), 9, now);
        Assert.Same(stored, same);

        board.Take(new PopSighting("lax", Edges("Serving"), 9), now);
        board.Decide(stored, now, now);
        now += PopJudge.RiseAfter;
        board.Take(new PopSighting("lax", Edges("Serving"), 9), now);
        EligibilityRow next = stored.With(board.Decide(stored, now, now), 9, now);
        Assert.Equal((10L, EligibilityState.InService), (next.Epoch, next.Find("lax")!.State));
        Assert.Equal(EligibilityState.Draining, next.Find("waw")!.State);
    }

    [Fact]
    public void PoPs_come_and_go_with_the_config()
    {
        EligibilityBoard board = Board(new EligibilityRow());
        EligibilityRow row = new EligibilityRow().With(board.Decide(new EligibilityRow(), Start, Start), 0, Start);
        board.Configure(["lax", "fra"], row);
        Assert.False(board.Knows("waw"));
        EligibilityRow next = row.With(board.Decide(row, Start, Start), 0, Start);
        Assert.Equal(["lax", "fra"], next.Pops.Select(p => p.Pop));
        Assert.Equal(row.Epoch + 1, next.Epoch);
        board.Take(new PopSighting("waw", Edges("Left"), 0), Start);
        board.Take(Drained("waw", null));
        Assert.Same(next, next.With(board.Decide(next, Start, Start), 0, Start));
    }

    /// <summary>A database that was lost: what edges have from before must not be newer than what comes now.</summary>
    [Fact]
    public void Epochs_go_up_also_above_those_of_a_database_that_is_gone()
    {
        ImmutableArray<PopEligibility> decided = [new PopEligibility("waw", EligibilityState.InService, Start)];
        EligibilityRow first = new EligibilityRow().With(decided, 0, Start);
        EligibilityRow row = first;
        for (int i = 0; i < 1000; i++)
        {
            row = row.With([decided[0] with { State = i % 2 == 0 ? EligibilityState.Draining : EligibilityState.InService }], row.Epoch, Start);
        }

        Assert.Equal(first.Epoch + 1000, row.Epoch);
        Assert.True(new EligibilityRow().With(decided, 0, Start.AddHours(1)).Epoch > row.Epoch, "a database made an hour later");
        Assert.Equal(row.Epoch + 1, new EligibilityRow().With(decided, row.Epoch, Start.AddYears(-10)).Epoch);
        EligibilityRow raised = first.With(decided, first.Epoch + 50, Start);
        Assert.Equal(first.Epoch + 51, raised.Epoch);
        Assert.Same(raised, raised.With(decided, first.Epoch + 50, Start));
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(Eligibility.MaxEpoch)]
    [InlineData(-1)]
    public void An_edge_cannot_use_the_numbers_up(long observed)
    {
        ImmutableArray<PopEligibility> decided = [new PopEligibility("waw", EligibilityState.InService, Start)];
        EligibilityRow row = new EligibilityRow().With(decided, observed, Start);
        Assert.Equal(Start.ToUnixTimeSeconds(), row.Epoch);
        Assert.Same(row, row.With(decided, observed, Start));
    }

    [Fact]
    public void Details_are_shortened_to_what_edges_take()
    {
        EligibilityBoard board = Board(new EligibilityRow());
        board.Take(Drained("waw", new string('x', 1000)));
        board.Take(new PopSighting("lax", Edges(string.Join(' ', Enumerable.Repeat("Left", 200))), 0), Start);
        board.Decide(new EligibilityRow(), Start, Start);
        board.Take(new PopSighting("lax", Edges(string.Join(' ', Enumerable.Repeat("Left", 200))), 0), Start + PopJudge.FallAfter);
        ImmutableArray<PopEligibility> decided = board.Decide(new EligibilityRow(), Start + PopJudge.FallAfter, Start);
        Assert.Equal([PopEligibility.MaxDetailLength, PopEligibility.MaxDetailLength], decided.Take(2).Select(p => p.Detail!.Length));
    }

    /// <summary>Whatever is said in whatever order: a PoP is out by what its edges said only if nothing else was heard for as long as it takes.</summary>
    [Fact]
    public void Only_evidence_without_a_break_takes_a_PoP_out()
    {
        int seed = new Random().Next();
        var random = new Random(seed);
        for (int run = 0; run < 200; run++)
        {
            var judge = new PopJudge(EligibilityState.InService);
            DateTimeOffset now = Start;
            DateTimeOffset? against = null;
            for (int step = 0; step < 200; step++)
            {
                now += TimeSpan.FromSeconds(random.Next(1, 6));
                PopEvidence evidence = (PopEvidence)random.Next(4);
                if (random.Next(3) > 0 && judge.Against is not null)
                {
                    evidence = PopEvidence.Gone;
                }

                bool isAgainst = evidence is PopEvidence.Gone or PopEvidence.WantsOut;
                against = isAgainst ? against ?? now : null;
                bool wasIn = judge.State == EligibilityState.InService;
                judge = judge.Step(evidence, now);
                if (wasIn && judge.State != EligibilityState.InService)
                {
                    Assert.True(against is { } since && now - since >= PopJudge.FallAfter, $"seed {seed}, run {run}, step {step}");
                }
            }
        }
    }

    private static EligibilityBoard Board(EligibilityRow before)
    {
        var board = new EligibilityBoard();
        board.Configure(ThreePops, before);
        return board;
    }

    private static DrainOrdered Ordered(DrainAction action, string who, string? why) => new(new DrainOrder { Pop = "waw", Action = action, Who = who, Why = why });

    private static PopDrain Drained(string pop, string? why) => new() { Pop = pop, State = DrainState.Draining, Version = 1, Since = Start, Who = "ann", Why = why };

    private static ImmutableArray<EdgeSighting> Edges(string sights) =>
    [
        .. sights.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select((sight, i) => new EdgeSighting($"e{i}", Enum.Parse<EdgeSight>(sight))),
    ];
}
