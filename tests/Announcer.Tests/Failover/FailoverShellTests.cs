using OrleansCdn.Contracts.Failover;
using OrleansCdn.Testing;

namespace OrleansCdn.Announcer.Tests.Failover;

/// <summary>Announcers that speak to each other: what they tell their upstreams, and what of it outlives them.</summary>
public sealed class FailoverShellTests
{
    [Fact]
    public void A_dead_edge_is_withdrawn_when_another_has_promised_to_stay_and_that_one_stays()
    {
        using Shells shells = new("waw", "lax");
        shells.UntilAnnounced();
        shells[0].EdgeAnswers = false;
        shells.Run(6);
        Assert.Equal([AnnouncementLevel.Normal, AnnouncementLevel.Depreferred, AnnouncementLevel.Withdrawn], shells[0].Levels);
        Assert.StartsWith("withdrawn by failover: no answer within 2 s", shells[0].State.Failover!.HeldBack, StringComparison.Ordinal);
        Assert.Equal(["waw1"], shells[1].Status.Promised.AsEnumerable());

        // Its own edge dies while the promise holds, and afterwards, too: nobody is left to stay for it.
        shells[1].EdgeAnswers = false;
        shells.Run(120);
        Assert.Equal(AnnouncementLevel.Depreferred, shells[1].Level);
        Assert.Equal("nobody else is announced and well", shells[1].Status.WaitsFor);
        Assert.Contains("it is not withdrawn: nobody else", shells[1].State.Failover!.Problems[0], StringComparison.Ordinal);
        shells[0].EdgeAnswers = true;
        shells.Run(40);
        Assert.Equal(AnnouncementLevel.Normal, shells[0].Level);
    }

    [Fact]
    public void When_both_edges_die_together_both_stay_less_preferred()
    {
        using Shells shells = new("waw", "lax");
        shells.UntilAnnounced();
        shells[0].EdgeAnswers = shells[1].EdgeAnswers = false;
        shells.Run(300);
        Assert.All(shells.All, shell => Assert.Equal([AnnouncementLevel.Normal, AnnouncementLevel.Depreferred], shell.Levels));
    }

    [Fact]
    public void Without_a_silo_nobody_withdraws_and_who_was_is_back_when_it_answers_at_all()
    {
        using Shells shells = new("waw", "lax", "grr");
        shells.UntilAnnounced();
        shells[2].EdgeAnswers = false;
        shells.Run(6);
        Assert.Equal(AnnouncementLevel.Withdrawn, shells[2].Level);
        shells.Cut();
        shells[0].EdgeAnswers = false;
        shells.Run(60);
        Assert.Equal([AnnouncementLevel.Depreferred, AnnouncementLevel.Normal, AnnouncementLevel.Withdrawn], shells.All.Select(shell => shell.Level));
        shells[2].EdgeAnswers = true;
        shells.Run(2);
        Assert.Equal(AnnouncementLevel.Normal, shells[2].Level);
        Assert.StartsWith("rescue", shells[2].Status.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void Alone_and_without_a_plan_it_never_withdraws()
    {
        FakeTimeProvider time = new();
        using Shell shell = new(time, new KnownServer("waw1", "waw"), plan: null, hasDisk: false);
        for (int i = 0; i < 4 * 3600; i++)
        {
            time.Advance(TimeSpan.FromMilliseconds(250));
            shell.EdgeAnswers = i is < 100 or > 13_000;
            shell.Turn();
        }

        Assert.Equal([AnnouncementLevel.Normal, AnnouncementLevel.Depreferred, AnnouncementLevel.Normal], shell.Levels);
    }

    [Fact]
    public void What_is_promised_is_on_the_disk_before_it_is_said()
    {
        using Shells shells = new("waw", "lax");
        shells.UntilAnnounced();
        shells[1].DiskHangs = true;
        shells[0].EdgeAnswers = false;
        shells.Run(8);
        Assert.Equal(AnnouncementLevel.Depreferred, shells[0].Level);
        Assert.Equal(["waw1"], shells[1].Status.Promised.AsEnumerable()); // It behaves as if it had.
        shells[1].DiskHangs = false;
        shells.Run(1);
        Assert.Equal(AnnouncementLevel.Withdrawn, shells[0].Level);

        // Killed, and back: the new process keeps the word.
        shells[1].Kill();
        shells[1].Start();
        Assert.Equal(["waw1"], shells[1].Status.Promised.AsEnumerable());
        shells[1].EdgeAnswers = true;
        shells.Run(2);
        Assert.Equal("the process before this one has promised to stay", shells[1].Status.Why);
        shells[1].EdgeAnswers = false;
        shells.Run(10);
        Assert.Equal(AnnouncementLevel.Depreferred, shells[1].Level);
    }

    [Fact]
    public void Killed_between_promise_and_disk_it_has_promised_nothing_and_said_nothing()
    {
        using Shells shells = new("waw", "lax");
        shells.UntilAnnounced();
        shells[1].DiskHangs = true;
        shells[0].EdgeAnswers = false;
        shells.Run(5);
        Assert.Equal(["waw1"], shells[1].Status.Promised.AsEnumerable());
        shells[1].Kill();
        shells[1].DiskHangs = false;
        shells[1].Start();
        Assert.Empty(shells[1].Status.Promised.AsEnumerable());
        Assert.Equal(AnnouncementLevel.Depreferred, shells[0].Level);

        // The one that asked asks again, and goes when the new process has promised.
        shells.Run(60);
        Assert.Equal([AnnouncementLevel.Withdrawn, AnnouncementLevel.Normal], shells.All.Select(shell => shell.Level));
    }

    [Fact]
    public void A_disk_that_refuses_promises_nothing_is_told_and_is_tried_again()
    {
        using Shells shells = new("waw", "lax");
        shells.UntilAnnounced();
        shells[1].Refuse();
        shells[0].EdgeAnswers = false;
        shells.Run(60);
        Assert.Equal(AnnouncementLevel.Depreferred, shells[0].Level);
        Assert.Equal(AnnouncementLevel.Normal, shells[1].Level);
        Assert.StartsWith("promises cannot be saved", Assert.Single(shells[1].State.Failover!.Problems), StringComparison.Ordinal);
        shells[1].Accept();
        shells.Run(40);
        Assert.Equal(AnnouncementLevel.Withdrawn, shells[0].Level);
        Assert.Empty(shells[1].State.Failover!.Problems);
    }

    [Theory]
    [InlineData(true, 60)]
    [InlineData(false, 5)]
    public void An_announcement_waits_for_a_warm_cache_while_a_silo_could_have_it_warmed(bool isConnected, int waits)
    {
        FakeTimeProvider time = new();
        using Shell shell = new(time, new KnownServer("waw1", "waw"), new FailoverPlan([new("waw1", "waw"), new("lax1", "lax")], FailoverPolicy.Default));
        PeerView other = new() { Server = "lax1", Pop = "lax", Instance = 1, Sequence = 1, Phase = FailoverPhase.Announced, Level = AnnouncementLevel.Normal, IsOnWire = true, IsWell = true };
        Turn(40);
        shell.EdgeAnswers = false;
        Turn(5);
        PledgeRequest asked = shell.Say()!.Questions[0].Request;
        shell.Hear(new FailoverNews { Replies = [new PledgeAnswer(asked.Id, "lax1", "lax", IsGranted: true)] });
        Turn(1);
        Assert.Equal(AnnouncementLevel.Withdrawn, shell.Level);
        shell.EdgeAnswers = true;
        Turn(31);
        Assert.Equal(FailoverPhase.Warming, shell.Status.Phase);
        Assert.Equal("its cache is being warmed", shell.State.Failover!.HeldBack);
        long id = shell.Say()!.WarmUp!.Value;
        shell.IsConnected = isConnected;
        shell.Hear(new FailoverNews { Warmed = id + 1 });
        Turn(waits - 1.5);
        Assert.Equal(FailoverPhase.Warming, shell.Status.Phase);
        shell.Hear(new FailoverNews { Warmed = id });
        Turn(2);
        Assert.Equal(AnnouncementLevel.Normal, shell.Level);
        Assert.Equal(isConnected ? "its cache is warm" : "there is no silo to have its cache warmed by", shell.Status.Why);
        shell.IsConnected = true;
        Assert.Null(shell.Say()!.WarmUp);

        void Turn(double seconds)
        {
            for (int i = 0; i < seconds * 4; i++)
            {
                time.Advance(TimeSpan.FromMilliseconds(250));
                other = other with { Sequence = other.Sequence + 1 };
                shell.Driver.Take(new FailoverNews { Views = [other] });
                shell.Turn();
            }
        }
    }

    [Fact]
    public void Orders_are_followed_and_outlive_the_process()
    {
        using Shells shells = new("waw", "lax");
        shells.UntilAnnounced();
        shells[0].Hear(new FailoverNews { Orders = new FailoverOrders(3, IsDraining: true, FailoverPin.None) });
        shells.Run(1);
        Assert.Equal((FailoverPhase.Draining, AnnouncementLevel.Depreferred, 3L), (shells[0].Status.Phase, shells[0].Level, shells[0].Status.OrdersVersion));
        shells[0].Kill();
        shells[0].Start();
        shells.Run(10);
        Assert.Equal((FailoverPhase.Withdrawn, 3L), (shells[0].Status.Phase, shells[0].Status.OrdersVersion));
        shells[0].Hear(new FailoverNews { Orders = new FailoverOrders(2, IsDraining: false, FailoverPin.None) });
        shells.Run(10);
        Assert.Equal(FailoverPhase.Withdrawn, shells[0].Status.Phase);
    }
}
