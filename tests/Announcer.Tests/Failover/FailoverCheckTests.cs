using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using OrleansCdn.Announcer.Control;
using OrleansCdn.Announcer.Desired;
using OrleansCdn.Announcer.Failover;
using OrleansCdn.Announcer.Tests.Running;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Failover;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Failover;
using OrleansCdn.Node.Links;
using OrleansCdn.Testing;

namespace OrleansCdn.Announcer.Tests.Failover;

/// <summary>What a silo says of others, and of how failover is done: nothing of it gets to the machine unexamined.</summary>
public sealed class FailoverCheckTests
{
    private static readonly PeerView View = new()
    {
        Server = "lax1", Pop = "lax", Instance = 1, Sequence = 1, Phase = FailoverPhase.Announced, Level = AnnouncementLevel.Normal, IsOnWire = true, IsWell = true,
    };

    [Fact]
    public void What_cannot_be_used_is_left_out_and_the_rest_counts()
    {
        FailoverNews news = FailoverCheck.Usable(
            new FailoverNews
            {
                Views =
                [
                    View, View with { Server = "waw1" }, View with { Server = "a\nb" }, View with { Pop = "" }, View with { Phase = (FailoverPhase)9 },
                    View with { Level = (AnnouncementLevel)(-1) }, View with { FailingCheck = new string('x', 200) }, View with { FailingFor = TimeSpan.FromSeconds(-1) },
                    View with { FailingFor = TimeSpan.MaxValue },
                ],
                Questions =
                [
                    new PledgeRequest(1, "lax1", "lax", true), new PledgeRequest(1, "lax1", "lax", false, "http"), new PledgeRequest(1, "waw1", "waw", true),
                    new PledgeRequest(1, "lax1", "lax", false), new PledgeRequest(1, "lax1", "lax", true, "http"), new PledgeRequest(1, "lax1", "lax", false, "a b"),
                ],
                Replies = [new PledgeAnswer(1, "lax1", "lax", false, new string('y', 1000) + "\n"), new PledgeAnswer(1, "waw1", "waw", true), new PledgeAnswer(1, "", "lax", true)],
                Orders = new FailoverOrders(-1, true, FailoverPin.None),
                Warmed = 4,
            },
            "waw1",
            out int refused);
        Assert.Equal(8 + 4 + 2 + 1, refused);
        Assert.Equal([View], news.Views.AsEnumerable());
        Assert.Equal([true, false], news.Questions.Select(q => q.IsVoluntary));
        Assert.Equal(FailoverLimits.MaxTextLength, Assert.Single(news.Replies).Why!.Length);
        Assert.Null(news.Orders);
        Assert.Equal(4, news.Warmed);
    }

    [Fact]
    public void A_line_has_no_more_than_there_can_be_servers()
    {
        FailoverNews news = FailoverCheck.Usable(new FailoverNews { Views = [.. Enumerable.Range(0, 1000).Select(i => View with { Server = $"s{i}" })] }, "waw1", out int refused);
        Assert.Equal((FailoverLimits.MaxQueued, 1000 - FailoverLimits.MaxQueued), (news.Views.Length, refused));
    }

    [Fact]
    public void The_default_figures_are_within_bounds() =>
        Assert.Empty(Problems(FailoverPolicy.Default));

    public static TheoryData<string, Func<FailoverPolicy, FailoverPolicy>> Wrong => new()
    {
        { "floor", p => p with { Floor = 0 } },
        { "fall", p => p with { Fall = 0 } },
        { "firstRise", p => p with { FirstRise = int.MaxValue } },
        { "rise", p => p with { Rise = -1 } },
        { "pledgeTime", p => p with { PledgeTime = TimeSpan.FromSeconds(29) } },
        { "pledgeTime", p => p with { PledgeTime = TimeSpan.FromSeconds(31) } },
        { "useWithin", p => p with { UseWithin = TimeSpan.MaxValue } },
        { "askAgainAfter", p => p with { AskAgainAfter = TimeSpan.Zero } },
        { "freshFor", p => p with { FreshFor = TimeSpan.MaxValue } },
        { "tellEvery", p => p with { TellEvery = TimeSpan.FromSeconds(3) } },
        { "rescueAfter", p => p with { RescueAfter = TimeSpan.FromSeconds(4) } },
        { "suspectWithin", p => p with { SuspectWithin = TimeSpan.MinValue } },
        { "voluntaryGap", p => p with { VoluntaryGap = TimeSpan.FromDays(2) } },
        { "depreferFor", p => p with { DepreferFor = TimeSpan.FromSeconds(-1) } },
        { "connectionsFor", p => p with { ConnectionsFor = TimeSpan.MaxValue } },
        { "warmFor", p => p with { WarmFor = TimeSpan.MaxValue } },
        { "damping.perWithdrawal", p => p with { Damping = p.Damping with { PerWithdrawal = double.NaN } } },
        { "damping.perAttributeChange", p => p with { Damping = p.Damping with { PerAttributeChange = double.PositiveInfinity } } },
        { "damping.halfLife", p => p with { Damping = p.Damping with { HalfLife = TimeSpan.Zero } } },
        { "damping.maxHold", p => p with { Damping = p.Damping with { MaxHold = TimeSpan.MaxValue } } },
        { "damping.releaseBelow", p => p with { Damping = p.Damping with { ReleaseBelow = 0 } } },
        { "damping.holdFrom", p => p with { Damping = p.Damping with { HoldFrom = 1 } } },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void A_figure_that_cannot_be_driven_with_is_told_with_its_place(string place, Func<FailoverPolicy, FailoverPolicy> change) =>
        Assert.Contains(Problems(change(FailoverPolicy.Default)), problem => problem.StartsWith($"failover.policy.{place}: expected", StringComparison.Ordinal));

    [Fact]
    public void Servers_have_names_each_its_own_and_there_is_an_end_to_them()
    {
        Assert.Contains("failover.servers[1].server: expected another name", Assert.Single(Problems(new("a", "p"), new("a", "q"))), StringComparison.Ordinal);
        Assert.Contains("failover.servers[0]: expected a server", Assert.Single(Problems(new KnownServer("a b", "p"))), StringComparison.Ordinal);
        Assert.Contains("a list of at most 256", Assert.Single(Problems([.. Enumerable.Range(0, 257).Select(i => new KnownServer($"s{i}", "p"))])), StringComparison.Ordinal);
        Assert.Single(DesiredCheck.Problems(Sample.Desired() with { Failover = new FailoverPlan(default, FailoverPolicy.Default) }));
        Assert.Single(DesiredCheck.Problems(Sample.Desired() with { Failover = new FailoverPlan([], null!) }));
    }

    /// <summary>Whatever a line says: it ends the connection with words, or what is left of it can be driven with.</summary>
    [Fact]
    public void Lines_of_others_words_never_break_the_machine()
    {
        string[] kept = [.. Lines().Select(line => FuzzInput.Text(line))];
        int taken = 0;
        FuzzInput.Run("failover", kept, (text, random) =>
        {
            FailoverNews? news;
            try
            {
                AnnouncerSession session = new("waw1");
                _ = session.Step(new AnnouncerWelcome(AnnouncerProtocol.Version, "s"));
                news = session.Step(LineMessage.Parse(new ReadOnlySequence<byte>(FuzzInput.Octets(text)), ContractsJson.Default.AnnouncerOrder)).News;
            }
            catch (JsonException)
            {
                return;
            }

            if (news is null)
            {
                return;
            }

            taken++;
            var time = new FakeTimeProvider();
            using Shell shell = new(time, new KnownServer("waw1", "waw"), new FailoverPlan([new("waw1", "waw"), new("lax1", "lax"), new("grr1", "grr")], FailoverPolicy.Default), hasDisk: false);
            for (int i = 0; i < 40; i++)
            {
                time.Advance(TimeSpan.FromMilliseconds(250));
                shell.EdgeAnswers = i < 20;
                shell.Turn();
                if (random.Next(4) == 0)
                {
                    shell.Driver.Take(news);
                }
            }

            // Nobody has been asked anything that this could be an answer to.
            Assert.DoesNotContain(AnnouncementLevel.Withdrawn, shell.Levels);
        });
        Assert.True(taken > 0, "no line was taken: the corpus shows nothing");
    }

    private static IEnumerable<byte[]> Lines()
    {
        PeerView failing = View with { IsWell = false, Level = AnnouncementLevel.Depreferred, FailingCheck = "http", FailingFor = TimeSpan.FromSeconds(4) };
        FailoverNews[] news =
        [
            new() { Views = [View, View with { Server = "grr1", Pop = "grr" }] },
            new() { Views = [failing], Questions = [new PledgeRequest(77, "lax1", "lax", false, "http")] },
            new() { Questions = [new PledgeRequest(78, "grr1", "grr", true)], Replies = [new PledgeAnswer(1, "lax1", "lax", true), new PledgeAnswer(2, "grr1", "grr", false, "is to go itself")] },
            new() { Orders = new FailoverOrders(5, IsDraining: false, FailoverPin.Announced), Warmed = 9 },
        ];
        return news.Select(n => JsonSerializer.SerializeToUtf8Bytes<AnnouncerOrder>(n, ContractsJson.Default.AnnouncerOrder));
    }

    private static ImmutableArray<string> Problems(FailoverPolicy policy) => DesiredCheck.Problems(Sample.Desired() with { Failover = new FailoverPlan([new("a", "p")], policy) });

    private static ImmutableArray<string> Problems(params ImmutableArray<KnownServer> servers) =>
        DesiredCheck.Problems(Sample.Desired() with { Failover = new FailoverPlan(servers, FailoverPolicy.Default) });
}
