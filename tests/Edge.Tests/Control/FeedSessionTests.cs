using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Control;

namespace OrleansCdn.Edge.Tests.Control;

public sealed class FeedSessionTests
{
    private static readonly SiloWelcome Welcome = new() { Protocol = FeedProtocol.Version, Silo = "s" };

    private static FeedSession Session(EdgeSnapshot? current = null, PurgeCursor? cursor = null, bool welcomed = true)
    {
        FeedSession session = new("waw", "waw1", current, cursor ?? new PurgeCursor("log", 10));
        if (welcomed)
        {
            Assert.Equal(FeedAction.Welcome, session.Step(Welcome).Action);
        }

        return session;
    }

    private static ConfigSnapshot Config(string epoch, long version) => new() { Epoch = epoch, Version = version, Config = Configs.One() };

    private static PurgeEntry Entry(long sequence) => new() { Sequence = sequence, Site = "www", Kind = PurgeKind.Tag, Value = "t", Soft = false };

    private static PurgeBatch Batch(string epoch, long through, params long[] sequences) =>
        new() { Through = new PurgeCursor(epoch, through), Entries = [.. sequences.Select(Entry)] };

    private static void AssertViolation(FeedStep step)
    {
        Assert.Equal(FeedAction.End, step.Action);
        Assert.Equal(FeedEndReason.ProtocolViolation, step.End!.Reason);
    }

    [Fact]
    public void What_comes_ahead_of_the_log_leaves_the_place_in_it()
    {
        FeedSession session = Session();
        FeedStep step = session.Step(new PurgesAhead("log", [Entry(11), Entry(12)]));
        Assert.Equal((FeedAction.ApplyAhead, 2), (step.Action, step.Ahead!.Entries.Length));

        // Whatever the log has at these numbers is applied.
        Assert.Equal(FeedAction.ApplyPurges, session.Step(Batch("log", 11, 11)).Action);
        Assert.Equal(FeedAction.None, session.Step(new PurgesAhead("other", [Entry(11)])).Action);
    }

    [Fact]
    public void What_comes_ahead_of_the_log_is_checked_like_the_log()
    {
        AssertViolation(Session(welcomed: false).Step(new PurgesAhead("log", [Entry(11)])));
        AssertViolation(Session().Step(new PurgesAhead("log", default)));
        AssertViolation(Session().Step(new PurgesAhead("log", [Entry(12), Entry(11)])));
        AssertViolation(Session().Step(new PurgesAhead("log", [Entry(11) with { Kind = (PurgeKind)99 }])));
        AssertViolation(Session().Step(new PurgesAhead("log", [.. Enumerable.Range(1, FeedProtocol.MaxPurgesPerMessage + 1).Select(i => Entry(i))])));
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData(0.0, 0.0)]
    [InlineData(2.5, 2.5)]
    [InlineData(-1.0, null)]
    [InlineData(double.NaN, null)]
    [InlineData(double.PositiveInfinity, null)]
    [InlineData(1e300, null)]
    public void A_heartbeat_says_how_long_ago_all_purges_were_known_or_nothing(double? said, double? understood)
    {
        FeedStep step = Session().Step(new SiloHeartbeat { LogAgeSeconds = said });
        Assert.Equal((FeedAction.CaughtUp, understood), (step.Action, step.LogAge?.TotalSeconds));
    }

    [Fact]
    public void Nothing_but_a_refusal_comes_before_the_welcome()
    {
        foreach (SiloMessage early in new SiloMessage[] { Config("e", 1), Batch("log", 11, 11), new PurgeGap(new PurgeCursor("x", 1)), new PeerDirectory([]), new SiloHeartbeat() })
        {
            AssertViolation(Session(welcomed: false).Step(early));
        }

        Assert.Equal(FeedEndReason.Refused, Session(welcomed: false).Step(new SiloRefusal("no\nsuch\u001b[31m edge")).End!.Reason);
        Assert.Equal("no such [31m edge", Session(welcomed: false).Step(new SiloRefusal("no\nsuch\u001b[31m edge")).End!.Detail);
        AssertViolation(Session().Step(Welcome));
        AssertViolation(Session(welcomed: false).Step(Welcome with { Protocol = 2 }));
    }

    [Fact]
    public void A_question_about_coverage_is_bounded()
    {
        var question = new CoverageQuestion { Id = "1", Site = "www", Kind = null, Values = [] };
        Assert.Equal(FeedAction.Answer, Session().Step(question).Action);
        AssertViolation(Session().Step(question with { Values = [null!] }));
        AssertViolation(Session().Step(question with { Values = default }));
        AssertViolation(Session().Step(question with { Values = [new string('a', CoverageQuestion.MaxValueChars + 1)] }));
        AssertViolation(Session().Step(question with { Kind = (PurgeKind)99 }));
        AssertViolation(Session().Step(question with { Id = new string('a', 1000) }));
    }

    [Theory]
    [InlineData("e1", 6, false)]
    [InlineData("e1", 7, false)]
    [InlineData("e1", 8, true)]
    [InlineData("e2", 1, true)]
    public void A_config_is_never_replaced_by_an_older_one_of_its_epoch(string epoch, long version, bool applied)
    {
        FeedStep step = Session(Configs.Snapshot(7)).Step(Config(epoch, version));
        Assert.Equal(applied ? FeedAction.ApplyConfig : FeedAction.None, step.Action);
        Assert.Equal(applied ? version : (long?)null, step.Snapshot?.Version);
    }

    [Fact]
    public void What_was_applied_counts_for_the_next_config()
    {
        FeedSession session = Session();
        Assert.Equal(FeedAction.ApplyConfig, session.Step(Config("e1", 3)).Action);
        FeedStep older = session.Step(Config("e1", 2));
        Assert.Equal(FeedAction.None, older.Action);
        Assert.Contains("older", older.Remark, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("a b", 1)]
    [InlineData("e", 0)]
    [InlineData("e", -1)]
    public void A_config_needs_an_epoch_and_a_version(string epoch, long version) => AssertViolation(Session().Step(Config(epoch, version)));

    [Fact]
    public void Purges_follow_the_cursor()
    {
        FeedSession session = Session();
        Assert.Equal(FeedAction.ApplyPurges, session.Step(Batch("log", 12, 11, 12)).Action);
        Assert.Equal(FeedAction.ApplyPurges, session.Step(Batch("log", 12, 11, 12)).Action); // a repeat
        Assert.Equal(FeedAction.ApplyPurges, session.Step(Batch("log", 20)).Action);
    }

    [Fact]
    public void Purges_of_another_log_need_a_gap_first()
    {
        FeedSession session = Session();
        AssertViolation(Session().Step(Batch("other", 1, 1)));
        FeedStep gap = session.Step(new PurgeGap(new PurgeCursor("other", 5)));
        Assert.Equal((FeedAction.ApplyGap, new PurgeCursor("other", 5)), (gap.Action, gap.Through));
        Assert.Equal(FeedAction.ApplyPurges, session.Step(Batch("other", 6, 6)).Action);
        AssertViolation(Session().Step(new PurgeGap(new PurgeCursor("", 5))));
        AssertViolation(Session().Step(new PurgeGap(new PurgeCursor(new string('x', FeedSession.MaxEpochChars + 1), 5))));
    }

    [Fact]
    public void A_log_that_lost_its_tail_is_a_gap()
    {
        FeedStep step = Session().Step(Batch("log", 4, 4));
        Assert.Equal((FeedAction.ApplyGap, new PurgeCursor("log", 4)), (step.Action, step.Through));
        Assert.NotNull(step.Remark);
    }

    [Fact]
    public void Purges_out_of_order_or_too_many_end_the_connection()
    {
        AssertViolation(Session().Step(Batch("log", 13, 12, 11)));
        AssertViolation(Session().Step(Batch("log", 13, 11, 11)));
        AssertViolation(Session().Step(Batch("log", 11, 11, 12)));
        AssertViolation(Session().Step(Batch("log", 11, 0)));
        AssertViolation(Session().Step(Batch("log", 9999, [.. Enumerable.Range(11, FeedProtocol.MaxPurgesPerMessage + 1).Select(i => (long)i)])));
    }

    [Fact]
    public void Only_peers_that_may_be_asked_are_taken()
    {
        FeedStep step = Session().Step(new PeerDirectory(
        [
            new PeerEdge("waw", "waw1", "http://127.0.0.1:1"),
            new PeerEdge("lax", "lax1", "http://127.0.0.1:2"),
            new PeerEdge("lax", "lax2", "http://192.0.2.1:2"),
            new PeerEdge("lax", "lax3", "https://192.0.2.1:2"),
            new PeerEdge("lax", "lax4", "file:///etc/passwd"),
        ]));
        Assert.Equal(FeedAction.ReplacePeers, step.Action);
        Assert.Equal(["lax1", "lax3", "waw1"], step.Peers!.All.Select(p => p.Edge));
        Assert.NotNull(step.Remark);
    }
}
