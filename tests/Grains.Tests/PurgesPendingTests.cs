using System.Collections.Immutable;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Grains.Pop;

namespace OrleansCdn.Grains.Tests;

public sealed class PurgesPendingTests
{
    private static PurgeCursor At(long sequence) => new("e", sequence);

    private static PurgePushAhead Push(long sequence, string epoch = "e") => new(
        new PurgeCursor(epoch, sequence), [new PurgeEntry { Sequence = sequence, Site = "s", Kind = PurgeKind.Tag, Value = "t", Soft = false }]);

    [Fact]
    public void Each_edge_gets_it_once_until_the_log_has_it()
    {
        var pending = new PurgesPending();
        Assert.True(pending.Offer(Push(3), At(2)));
        (ImmutableArray<SiloMessage> messages, long last) = pending.After(0, At(2));
        Assert.Equal(3, Assert.IsType<PurgesAhead>(Assert.Single(messages)).Entries[0].Sequence);
        Assert.Empty(pending.After(last, At(2)).Messages);
        Assert.True(pending.Offer(Push(4), At(2)));
        Assert.Equal(4, Assert.IsType<PurgesAhead>(Assert.Single(pending.After(last, At(2)).Messages)).Entries[0].Sequence);
        Assert.Equal(2, pending.After(0, At(2)).Messages.Length);
        Assert.Single(pending.After(0, At(3)).Messages);

        Assert.Empty(pending.After(0, At(4)).Messages);
    }

    [Fact]
    public void What_the_log_has_and_what_is_of_another_log_is_no_news()
    {
        var pending = new PurgesPending();
        Assert.False(pending.Offer(Push(3), At(3)));
        Assert.False(pending.Offer(Push(3, "other"), At(2)));
        Assert.False(pending.Offer(Push(3) with { Entries = [] }, At(2)));
        Assert.True(pending.Offer(Push(3), At(2)));
        Assert.Empty(pending.After(0, new PurgeCursor("new", 1)).Messages);
    }

    [Fact]
    public void Those_that_were_never_written_do_not_pile_up()
    {
        var pending = new PurgesPending();
        for (int i = 0; i < 100; i++)
        {
            Assert.True(pending.Offer(Push(5), At(2)));
        }

        Assert.Equal(PurgesPending.MaxPushes, pending.After(0, At(2)).Messages.Length);
    }
}
