using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Cache;

namespace OrleansCdn.Edge.Tests.Cache;

public sealed class PurgeIndexTests
{
    private static PurgeIndex NewIndex()
    {
        var index = new PurgeIndex();
        index.ApplyGap(new PurgeCursor("e", 0));
        return index;
    }

    private static void Purge(PurgeIndex index, PurgeKind kind, string value, bool soft = false, string site = "s")
    {
        long next = index.Cursor.Sequence + 1;
        index.Apply(new PurgeCursor("e", next), [new PurgeEntry { Sequence = next, Site = site, Kind = kind, Value = value, Soft = soft }]);
    }

    [Fact]
    public void It_agrees_with_a_list_of_all_purges_also_when_older_ones_are_forgotten()
    {
        for (int seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            PurgeIndex index = NewIndex();
            var purges = new List<(long At, PurgeKind Kind, string Value, bool Soft, string Site)>();
            var stored = new List<(string Url, string[] Tags, string Site, long Stamp)>();
            for (int step = 0; step < 100; step++)
            {
                string site = "s" + random.Next(2);
                switch (random.Next(5))
                {
                    case 0:
                        stored.Add(("u" + random.Next(5), [.. Enumerable.Range(0, random.Next(3)).Select(_ => "t" + random.Next(5))], site, index.Applied));
                        break;
                    case 1:
                        PurgeKind kind = (PurgeKind)random.Next(3);
                        string value = kind switch { PurgeKind.Url => "u" + random.Next(5), PurgeKind.Tag => "t" + random.Next(5), _ => "" };
                        bool soft = random.Next(3) == 0;
                        Purge(index, kind, value, soft, site);
                        purges.Add((index.Applied, kind, value, soft, site));
                        break;
                    case 2 when random.Next(10) == 0:
                        // The sweeper: what is purged goes, what is not is stamped anew, the purges are forgotten.
                        stored = [.. stored.Where(o => index.Check(o.Site, o.Url, o.Tags, o.Stamp) == PurgeVerdict.Clear).Select(o => o with { Stamp = index.Applied })];
                        index.Forget(index.Applied);
                        Assert.Equal(0, index.Count);
                        break;
                    default:
                        break;
                }

                foreach ((string Url, string[] Tags, string Site, long Stamp) o in stored)
                {
                    var covering = purges.Where(p => p.At > o.Stamp && p.Site == o.Site
                        && (p.Kind == PurgeKind.Site || (p.Kind == PurgeKind.Url && p.Value == o.Url) || (p.Kind == PurgeKind.Tag && o.Tags.Contains(p.Value)))).ToArray();
                    PurgeVerdict expected = covering.Any(p => !p.Soft) ? PurgeVerdict.Hard : covering.Length > 0 ? PurgeVerdict.Soft : PurgeVerdict.Clear;
                    Assert.True(expected == index.Check(o.Site, o.Url, o.Tags, o.Stamp), $"seed {seed} step {step}");
                }
            }
        }
    }

    [Fact]
    public void Repeated_entries_do_nothing_and_another_log_needs_a_gap_first()
    {
        PurgeIndex index = NewIndex();
        var entry = new PurgeEntry { Sequence = 1, Site = "s", Kind = PurgeKind.Site, Value = "", Soft = false };
        index.Apply(new PurgeCursor("e", 1), [entry]);
        long stamp = index.Applied;
        index.Apply(new PurgeCursor("e", 1), [entry]);
        Assert.Equal(PurgeVerdict.Clear, index.Check("s", "u", [], stamp));
        Assert.Throws<InvalidOperationException>(() => index.Apply(new PurgeCursor("f", 2), []));
        index.ApplyGap(new PurgeCursor("f", 7));
        Assert.Equal(PurgeVerdict.Hard, index.Check("s", "u", [], stamp));
        Assert.Equal(new PurgeCursor("f", 7), index.Cursor);
    }

    [Fact]
    public void What_is_stored_before_the_forgotten_counts_as_purged()
    {
        PurgeIndex index = NewIndex();
        long before = index.Applied;
        Purge(index, PurgeKind.Tag, "x");
        index.Forget(index.Applied);
        Assert.Equal(PurgeVerdict.Hard, index.Check("s", "u", [], before));
        Assert.Equal(PurgeVerdict.Clear, index.Check("s", "u", ["x"], index.Applied));
    }

    [Fact]
    public void A_fill_under_way_keeps_the_purges_it_must_still_be_compared_with()
    {
        PurgeIndex index = NewIndex();
        var store = new MemoryStore(1_000_000);
        var fills = new ActiveFills();
        using var sweeper = new PurgeSweeper(store, fills, index, TimeProvider.System);
        var fill = new Fill(new CacheKey("s", false, "h", "/x"), VarySelector.None, index.Applied, startedAt: 0);
        fills.Add(fill);
        Purge(index, PurgeKind.Tag, "x");
        Purge(index, PurgeKind.Tag, "y");
        sweeper.Sweep();
        Assert.Equal(PurgeVerdict.Hard, index.Check("s", "u", ["x"], fill.Stamp));
        Assert.Equal(PurgeVerdict.Clear, index.Check("s", "u", ["z"], fill.Stamp));
        fills.Remove(fill);
        sweeper.Sweep();
        Assert.Equal(0, index.Count);
    }
}
