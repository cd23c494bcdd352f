using OrleansCdn.Announcer.Failover;
using OrleansCdn.Contracts.Failover;
using OrleansCdn.Testing;

namespace OrleansCdn.Announcer.Tests.Failover;

/// <summary>What waits for a silo is bounded, and nothing is said that is no longer of use.</summary>
public sealed class FailoverOutboxTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly FailoverOutbox _outbox;

    public FailoverOutboxTests() => _outbox = new FailoverOutbox(_time);

    [Fact]
    public void Something_to_say_is_due_at_once_and_once()
    {
        Assert.Null(_outbox.Take());
        Assert.False(_outbox.Due.IsCompleted);
        _outbox.Say(View(1));
        _outbox.Say(View(2));
        Assert.True(_outbox.Due.IsCompleted);
        Assert.Equal(2, _outbox.Take()!.View!.Sequence);
        Assert.False(_outbox.Due.IsCompleted);
        Assert.Null(_outbox.Take());
    }

    [Fact]
    public void Questions_and_replies_are_the_newest_of_each_server_while_they_are_of_use()
    {
        _outbox.Ask("lax1", Request(1));
        _outbox.Ask("lax1", Request(2));
        _outbox.Ask("grr1", Request(2));
        _outbox.Answer("lax1", new PledgeAnswer(3, "waw1", "waw", false, new string('x', 1000)));
        FailoverWord word = _outbox.Take()!;
        Assert.Equal([("lax1", 2L), ("grr1", 2L)], word.Questions.Select(q => (q.Server, q.Request.Id)));
        Assert.Equal(FailoverLimits.MaxTextLength, Assert.Single(word.Replies).Answer.Why!.Length);

        _outbox.Ask("lax1", Request(4));
        _time.Advance(FailoverPolicy.Default.UseWithin);
        Assert.Null(_outbox.Take());
        for (int i = 0; i < 1000; i++)
        {
            _outbox.Ask($"s{i}", Request(i));
        }

        Assert.Equal(FailoverLimits.MaxQueued, _outbox.Take()!.Questions.Length);
    }

    [Fact]
    public void Notes_are_said_until_a_silo_has_them_and_the_oldest_give_way()
    {
        Note("a");
        _time.Advance(TimeSpan.FromSeconds(5));
        Note("b");
        FailoverWord lost = _outbox.Take()!;
        Assert.Equal([("a", 5d), ("b", 0d)], lost.Notes.Select(n => (n.What, n.Ago.TotalSeconds)));
        FailoverWord said = _outbox.Take()!;
        Note("c");
        _outbox.Said(said);
        Assert.Equal(["c"], _outbox.Take()!.Notes.Select(n => n.What));
        for (int i = 0; i < FailoverLimits.MaxNotes + 9; i++)
        {
            Note($"n{i}");
        }

        Assert.Equal(10, _outbox.NotesDropped); // With "c".
        Assert.Equal(["n9", "n10"], _outbox.Take()!.Notes.Take(2).Select(n => n.What));
    }

    [Fact]
    public void A_wish_for_a_warm_cache_goes_with_every_word()
    {
        _outbox.WarmUp(7);
        Assert.Null(_outbox.Take());
        _outbox.Say(View(1));
        Assert.Equal(7, _outbox.Take()!.WarmUp);
        _outbox.Say(View(2));
        Assert.Equal(7, _outbox.Take()!.WarmUp);
        _outbox.WarmUp(null);
        _outbox.Say(View(3));
        Assert.Null(_outbox.Take()!.WarmUp);
    }

    private void Note(string what) => _outbox.Note(FailoverPhase.Cold, FailoverPhase.Announced, what);

    private static PledgeRequest Request(long id) => new(id, "waw1", "waw", IsVoluntary: true);

    private static PeerView View(long sequence) => new()
    {
        Server = "waw1", Pop = "waw", Instance = 1, Sequence = sequence, Phase = FailoverPhase.Announced, Level = AnnouncementLevel.Normal, IsOnWire = true, IsWell = true,
    };
}
