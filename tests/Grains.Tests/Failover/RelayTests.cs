using System.Collections.Immutable;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Failover;
using OrleansCdn.Grains.Failover;
using static OrleansCdn.Grains.Tests.Failover.FailoverSamples;

namespace OrleansCdn.Grains.Tests.Failover;

public sealed class RelayTests
{
    private static RelayBoard Board(string pop = "waw")
    {
        var board = new RelayBoard(pop);
        board.Configure(Plan, Plan.Servers.Where(server => server.Pop == pop).Select(server => server.Server));
        return board;
    }

    private static ImmutableArray<string> For(RelayMailbox? mailbox, double seconds) => Contents(mailbox!.Peek(At(seconds)));

    [Fact]
    public void A_view_goes_to_the_neighbour_and_to_every_other_PoP_and_not_back()
    {
        RelayBoard board = Board();
        Assert.Equal(["waw2"], board.Take(Says("waw1"), At(0)));
        Assert.Empty(For(board.ForServer("waw1"), 0));
        Assert.Equal(["waw1 is at 1"], For(board.ForServer("waw2"), 0).AsEnumerable());
        Assert.Equal(["waw1 is at 1"], For(board.ForPop("lax"), 0).AsEnumerable());
        Assert.Equal(["waw1 is at 1"], For(board.ForPop("grr"), 0).AsEnumerable());
    }

    [Fact]
    public void Of_views_the_newest_counts_and_an_older_one_is_no_news()
    {
        RelayBoard board = Board();
        board.Take(Says("waw1", 5), At(0));
        board.Take(Says("waw1", 6), At(0.1));
        Assert.Empty(board.Take(Says("waw1", 4), At(0.2)));
        Assert.Equal(["waw1 is at 6"], For(board.ForPop("lax"), 0.2).AsEnumerable());
        // Another process counts from the beginning.
        Assert.Equal(["waw2"], board.Take(Says("waw1", 1, instance: 2), At(0.3)));
        Assert.Equal(["waw1 is at 1"], For(board.ForServer("waw2"), 0.3).AsEnumerable());
    }

    [Fact]
    public void What_a_receiver_has_is_not_brought_again_and_what_it_may_not_have_is()
    {
        RelayMailbox lax = Board() is var board && board.Take(Asks("waw1", "lax1"), At(0)).Count == 0 ? board.ForPop("lax")! : null!;
        Assert.Equal(["waw1 asks lax1 7"], For(lax, 0).AsEnumerable());
        long taken = lax.Last;
        board.Take(Asks("waw2", "lax1", 8), At(0.1));
        Assert.Equal(["waw1 asks lax1 7", "waw2 asks lax1 8"], For(lax, 0.1).AsEnumerable());
        lax.Drop(taken);
        Assert.Equal(["waw2 asks lax1 8"], For(lax, 0.1).AsEnumerable());
    }

    [Fact]
    public void A_question_takes_the_way_to_its_PoP_and_its_answer_the_way_back()
    {
        RelayBoard waw = Board(), lax = Board("lax");
        waw.Take(Asks("waw1", "lax1"), At(0));
        Assert.Empty(For(waw.ForPop("grr"), 0));
        Assert.Equal(["lax1"], lax.Take(waw.ForPop("lax")!.Peek(At(0))!, At(100)));
        Assert.Equal(["waw1 asks lax1 7"], For(lax.ForServer("lax1"), 100).AsEnumerable());
        lax.Take(new FailoverWord { Replies = [Reply("lax1", "waw1")] }, At(100));
        Assert.Equal(["waw1"], waw.Take(lax.ForPop("waw")!.Peek(At(100))!, At(0.1)));
        Assert.Equal(["lax1 answers waw1 7"], For(waw.ForServer("waw1"), 0.1).AsEnumerable());
    }

    [Fact]
    public void Neighbours_are_brought_each_others_questions_at_once()
    {
        RelayBoard board = Board();
        Assert.Equal(["waw2"], board.Take(Asks("waw1", "waw2"), At(0)));
        Assert.Equal(["waw1 asks waw2 7"], For(board.ForServer("waw2"), 0).AsEnumerable());
    }

    [Fact]
    public void Nothing_counts_as_fresh_because_it_was_passed_on()
    {
        RelayBoard waw = Board(), lax = Board("lax");
        double limit = RelayMailbox.MaxViewAge.TotalSeconds;
        waw.Take(Says("waw1"), At(0));
        // Most of its age is spent at one relay, the rest at the other one, whose clock shows something else.
        RelayParcel parcel = waw.ForPop("lax")!.Peek(At(limit - 0.5))!;
        Assert.Equal(TimeSpan.FromSeconds(limit - 0.5), Assert.Single(parcel.Views).Age);
        lax.Take(parcel, At(1000));
        Assert.Single(For(lax.ForServer("lax1"), 1000.4));
        Assert.Empty(For(lax.ForServer("lax1"), 1000.6));
        Assert.Empty(For(waw.ForServer("waw2"), limit + 0.1));
    }

    [Fact]
    public void A_request_that_is_void_is_not_brought()
    {
        RelayBoard board = Board();
        double limit = FailoverPolicy.Default.UseWithin.TotalSeconds;
        board.Take(Asks("waw1", "lax1"), At(0));
        Assert.Single(For(board.ForPop("lax"), limit));
        Assert.Empty(For(board.ForPop("lax"), limit + 0.1));
    }

    [Fact]
    public void Who_asks_again_replaces_what_it_asked_before()
    {
        RelayBoard board = Board();
        board.Take(Asks("waw1", "lax1", 7), At(0));
        board.Take(Asks("waw1", "lax1", 8), At(1));
        Assert.Equal(["waw1 asks lax1 8"], For(board.ForPop("lax"), 1).AsEnumerable());
    }

    [Fact]
    public void Strangers_are_neither_listened_to_nor_told()
    {
        RelayBoard board = Board();
        Assert.Empty(board.Take(Says("nob1"), At(0)));
        Assert.Empty(board.Take(new FailoverWord { View = View("waw1") with { Pop = "lax" } }, At(0)));
        Assert.Empty(board.Take(Asks("waw1", "nob1"), At(0)));
        Assert.All(new[] { board.ForPop("lax"), board.ForPop("grr"), board.ForServer("waw1"), board.ForServer("waw2") }, mailbox => Assert.Empty(For(mailbox, 0)));
        // A parcel for a server of another PoP goes no further.
        board.Take(new RelayParcel { Views = [], Questions = [new(Question("grr1", "lax1"), TimeSpan.Zero)], Replies = [] }, At(0));
        Assert.Empty(For(board.ForPop("lax"), 0));
    }

    [Fact]
    public void Who_leaves_the_config_is_forgotten_and_the_others_keep_what_waits()
    {
        RelayBoard board = Board();
        board.Take(Asks("waw1", "lax1"), At(0));
        board.Take(Says("waw2"), At(0));
        board.Configure(Plan with { Servers = [.. Plan.Servers.Where(server => server.Server is not ("waw2" or "grr1"))] }, ["waw1"]);
        Assert.Equal((null, null, null), (board.ForServer("waw2"), board.ForPop("grr"), board.ViewOf("waw2")));
        Assert.Equal(["waw1 asks lax1 7", "waw2 is at 1"], For(board.ForPop("lax"), 0).Order());
    }

    [Fact]
    public void However_much_is_said_little_waits()
    {
        var mailbox = new RelayMailbox();
        for (int i = 0; i < 10 * FailoverLimits.MaxQueued; i++)
        {
            mailbox.Put(Question($"waw{i}", "lax1"), At(0));
            mailbox.Put(Reply($"waw{i}", "lax1"), At(0));
            mailbox.Put(View("waw1", i), At(0));
        }

        RelayParcel parcel = mailbox.Peek(At(0))!;
        Assert.Equal((1, FailoverLimits.MaxQueued, FailoverLimits.MaxQueued), (parcel.Views.Length, parcel.Questions.Length, parcel.Replies.Length));
    }
}
