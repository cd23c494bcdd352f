using System.Collections.Immutable;
using System.Net;
using OrleansCdn.Announcer.Health;
using OrleansCdn.Announcer.Health.Probes;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Contracts.Failover;
using OrleansCdn.Failover;

namespace OrleansCdn.Announcer.Tests.Health;

/// <summary>From what was seen to what is held, shown and told to the machine.</summary>
public sealed class RoundMakerTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly ProbeTarget Http = new("http", new Uri("http://192.0.2.1/"), IPEndPoint.Parse("192.0.2.1:80"), null);
    private static readonly ProbeTarget Tls = new("tls", new Uri("https://192.0.2.1/?name=w"), IPEndPoint.Parse("192.0.2.1:443"), "w");
    private static readonly EdgeLocal Edge = new() { Pop = "waw", Edge = "waw1", Addresses = new EdgeAddresses { Admin = "http://127.0.0.1:9180" }, Connections = 7 };

    /// <summary>Letters of what is held: W well, f failing; a digit before it counts the looks against.</summary>
    [Theory]
    [InlineData(true, "+", "W")]
    [InlineData(true, "-", "f")]
    [InlineData(true, "+--+--+---", "W1W2WW1W2WW1W2Wf")]
    [InlineData(true, "---++-+++", "fff1f2ff1f2fW")]
    public void A_hard_check_changes_with_the_third_look(bool isHard, string looks, string expected) => Assert.Equal(expected, Held(isHard, looks));

    [Fact]
    public void A_soft_check_is_well_again_after_half_a_minute()
    {
        string up = new('+', 29);
        Assert.EndsWith("29f", Held(false, "-" + up), StringComparison.Ordinal);
        Assert.EndsWith("29fW", Held(false, "-" + up + "+"), StringComparison.Ordinal);
        Assert.EndsWith("29ff1f", Held(false, "-" + up + "-+"), StringComparison.Ordinal);
        Assert.Equal("W1W2Wf", Held(false, "+---"));
    }

    private static string Held(bool isHard, string looks)
    {
        CheckBoard board = new();
        DateTimeOffset now = Start;
        string held = "";
        DateTimeOffset since = Start;
        bool? before = null;
        foreach (char look in looks)
        {
            HealthCheckStatus status = Assert.Single(board.Step([new CheckLook("c", isHard, look == '+', "seen")], now));
            since = status.IsOk == before ? since : now;
            before = status.IsOk;
            Assert.Equal((isHard, since), (status.IsHard, status.Since));
            string against = status.Evidence == "seen" ? "" : status.Evidence[1..status.Evidence.IndexOf(' ', StringComparison.Ordinal)];
            Assert.EndsWith("seen", status.Evidence, StringComparison.Ordinal);
            held += against + (status.IsOk ? "W" : "f");
            now += TimeSpan.FromSeconds(1);
        }

        return held;
    }

    [Fact]
    public void A_check_that_is_gone_for_a_round_begins_anew()
    {
        CheckBoard board = new();
        board.Step([new CheckLook("c", true, true, "")], Start);
        Assert.Empty(board.Step([], Start));
        Assert.False(Assert.Single(board.Step([new CheckLook("c", true, false, "")], Start.AddSeconds(2))).IsOk);
        Assert.Single(board.Step([new CheckLook("c", true, true, "one"), new CheckLook("c", true, false, "two")], Start));
    }

    [Fact]
    public void The_machine_is_told_the_first_that_fails_at_once_and_hears_of_the_others()
    {
        HealthRound round = Make(new RoundMaker(), (Http, false, "refused"), (Tls, false, "no TLS session"));
        Assert.Equal(new CheckFailure("http", "refused; tls fails, too"), round.Hard);
        Assert.Equal(new CheckFailure("tls", "no TLS session"), Make(new RoundMaker(), (Http, true, "answered"), (Tls, false, "no TLS session")).Hard);
        Assert.Null(Make(new RoundMaker(), (Http, true, ""), (Tls, true, "")).Hard);
    }

    [Fact]
    public void Each_probe_counts_for_the_machine_while_people_see_three()
    {
        RoundMaker maker = new();
        Assert.Null(Make(maker, (Http, true, "answered")).Hard);
        HealthRound round = Make(maker, (Http, false, "refused"));
        Assert.NotNull(round.Hard);
        Assert.Equal((true, "(1 of 3) refused"), (round.Checks[0].IsOk, round.Checks[0].Evidence));
    }

    [Fact]
    public void Soft_faults_are_shown_and_nothing_else()
    {
        EdgeLocal edge = Edge with
        {
            Checks = [new EdgeCheck("disk", false, "full"), new EdgeCheck("memory", true, "plenty")],
            Reach = new EdgeReach { Answering = ["lax1"], Silent = ["grr1"] },
        };
        HealthRound round = new RoundMaker().Make(
            new RoundFacts
            {
                Probes = [(Tls, new ProbeFinding(true, "answered", new CertificateFinding(false, "ends soon")))],
                NeedsProof = true,
                Edge = new LocalAnswer(edge, "it answers"),
                HasDisk = true,
                DiskTrouble = "Read-only file system",
            },
            Start);
        Assert.Null(round.Hard);
        Assert.Equal(
            [
                "hard tls + answered", "soft tls-certificate - ends soon", "soft edge-admin + it answers", "soft disk - full", "soft memory + plenty",
                "soft announcer-disk - Read-only file system",
            ],
            round.Checks.Select(Line));
        Assert.Equal(7, round.Connections);
        Assert.Equal([new PeerProbed("lax1", true), new PeerProbed("grr1", false)], round.Reach.AsEnumerable());
    }

    /// <summary>A check of the edge that took a hard one's name would be told of as one.</summary>
    [Fact]
    public void An_edge_cannot_speak_for_a_probe()
    {
        HealthRound round = new RoundMaker().Make(
            new RoundFacts
            {
                Probes = [(Http, new ProbeFinding(false, "refused"))],
                NeedsProof = true,
                Edge = new LocalAnswer(Edge with { Checks = [new EdgeCheck("http", true, "all is well")] }, ""),
            },
            Start);
        Assert.Equal(new CheckFailure("http", "refused"), round.Hard);
        Assert.False(Assert.Single(round.Checks, check => check.Check == "http").IsOk);
    }

    [Fact]
    public void While_nothing_can_be_probed_the_edge_has_to_speak_for_itself()
    {
        RoundFacts facts = new() { Probes = [], NeedsProof = true, Edge = new LocalAnswer(null, "http://127.0.0.1:9180/local: refused") };
        Assert.Equal(
            new CheckFailure("edge", "where the edge listens is not known: http://127.0.0.1:9180/local: refused"), new RoundMaker().Make(facts, Start).Hard);
        Assert.Null(new RoundMaker().Make(facts with { Edge = new LocalAnswer(Edge, "") }, Start).Hard);
        Assert.NotNull(new RoundMaker().Make(facts with { Edge = new LocalAnswer(Edge with { Addresses = new EdgeAddresses() }, "starts") }, Start).Hard);
        HealthRound unasked = new RoundMaker().Make(facts with { NeedsProof = false, Edge = null }, Start);
        Assert.Equal((null, null), (unasked.Hard, unasked.Connections));
        Assert.Empty(unasked.Checks);
    }

    private static HealthRound Make(RoundMaker maker, params (ProbeTarget Target, bool IsOk, string Evidence)[] probes) => maker.Make(
        new RoundFacts { Probes = [.. probes.Select(p => (p.Target, new ProbeFinding(p.IsOk, p.Evidence)))], NeedsProof = true }, Start);

    private static string Line(HealthCheckStatus check) => $"{(check.IsHard ? "hard" : "soft")} {check.Check} {(check.IsOk ? '+' : '-')} {check.Evidence}";
}
