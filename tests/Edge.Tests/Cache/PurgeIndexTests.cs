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

    private sealed record Done(long At, PurgeKind Kind, string Value, bool Soft, string Site);

    private sealed record Stored(string Url, string[] Tags, string Site, long Stamp);

    private static readonly string[] Paths = ["/", "/a", "/a/", "/a/b", "/a/b?q", "/ab", "/b"];

    private static readonly string[] Authorities = ["h", "h:8080", "i", "[::1]:8080"];

    private static string AnyUrl(Random random) =>
        $"{(random.Next(2) == 0 ? "http" : "https")}://{Pick(random, Authorities)}{Pick(random, Paths)}";

    private static string Pick(Random random, string[] of) => of[random.Next(of.Length)];

    private static string AnyValue(PurgeKind kind, Random random) => kind switch
    {
        PurgeKind.Url => AnyUrl(random),
        PurgeKind.Tag => "t" + random.Next(5),
        PurgeKind.Prefix => Pick(random, Authorities) + Pick(random, Paths),
        PurgeKind.Host => Pick(random, ["h", "i", "[::1]"]),
        _ => "",
    };

    private static bool Covers(Done purge, Stored o)
    {
        string rest = o.Url[(o.Url.IndexOf("://", StringComparison.Ordinal) + 3)..];
        return purge.At > o.Stamp && purge.Site == o.Site && purge.Kind switch
        {
            PurgeKind.Url => purge.Value == o.Url,
            PurgeKind.Tag => o.Tags.Contains(purge.Value),
            PurgeKind.Prefix => rest.StartsWith(purge.Value, StringComparison.Ordinal),
            PurgeKind.Host => rest.StartsWith(purge.Value + "/", StringComparison.Ordinal) || rest.StartsWith(purge.Value + ":", StringComparison.Ordinal),
            _ => true,
        };
    }

    private static PurgeEntry[] Ahead(long sequence, string tag) =>
        [new PurgeEntry { Sequence = sequence, Site = "s", Kind = PurgeKind.Tag, Value = tag, Soft = false }];

    private static PurgeVerdict CheckTag(PurgeIndex index, string tag, long stamp) => index.Check("s", "http://h/x", [tag], stamp);

    [Fact]
    public void What_comes_ahead_of_the_log_holds_at_once_moves_no_cursor_and_holds_again_with_the_log()
    {
        PurgeIndex index = NewIndex();
        long before = index.Applied;
        index.ApplyAhead(Ahead(1, "t"));
        Assert.Equal(PurgeVerdict.Hard, CheckTag(index, "t", before));
        Assert.Equal(new PurgeCursor("e", 0), index.Cursor);
        Assert.Equal(0, index.FindCovering("s", "http://h/x", ["t"], before)!.Sequence);

        // Fetched meanwhile, perhaps from an edge that has not heard of it.
        long between = index.Applied;
        Assert.Equal(PurgeVerdict.Clear, CheckTag(index, "t", between));
        index.Apply(new PurgeCursor("e", 1), Ahead(1, "t"));
        Assert.Equal(PurgeVerdict.Hard, CheckTag(index, "t", between));
        Assert.Equal((new PurgeCursor("e", 1), 1L), (index.Cursor, index.FindCovering("s", "http://h/x", ["t"], between)!.Sequence));
        Assert.Equal(PurgeVerdict.Clear, CheckTag(index, "t", index.Applied));
    }

    [Fact]
    public void What_came_ahead_and_was_never_written_does_not_stand_for_the_purge_that_got_its_number()
    {
        PurgeIndex index = NewIndex();
        index.ApplyAhead(Ahead(1, "lost"));
        long stamp = index.Applied;
        index.Apply(new PurgeCursor("e", 1), Ahead(1, "other"));
        Assert.Equal(PurgeVerdict.Hard, CheckTag(index, "other", stamp));
        Assert.Equal(PurgeVerdict.Clear, CheckTag(index, "lost", stamp));
    }

    [Fact]
    public void What_comes_ahead_too_late_changes_nothing()
    {
        PurgeIndex index = NewIndex();
        Purge(index, PurgeKind.Tag, "t");
        long stamp = index.Applied;
        index.ApplyAhead(Ahead(1, "t"));
        Assert.Equal(stamp, index.Applied);
        Assert.Equal(PurgeVerdict.Clear, CheckTag(index, "t", stamp));
    }

    [Fact]
    public void It_agrees_with_a_list_of_all_purges_also_when_older_ones_are_forgotten()
    {
        for (int seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            PurgeIndex index = NewIndex();
            var purges = new List<Done>();
            var stored = new List<Stored>();
            for (int step = 0; step < 100; step++)
            {
                string site = "s" + random.Next(2);
                switch (random.Next(5))
                {
                    case 0:
                        stored.Add(new Stored(AnyUrl(random), [.. Enumerable.Range(0, random.Next(3)).Select(_ => "t" + random.Next(5))], site, index.Applied));
                        break;
                    case 1:
                        PurgeKind kind = Enum.GetValues<PurgeKind>()[random.Next(Enum.GetValues<PurgeKind>().Length)];
                        string value = AnyValue(kind, random);
                        bool soft = random.Next(3) == 0;
                        Purge(index, kind, value, soft, site);
                        purges.Add(new Done(index.Applied, kind, value, soft, site));
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

                foreach (Stored o in stored)
                {
                    Done[] covering = [.. purges.Where(p => Covers(p, o))];
                    PurgeVerdict expected = covering.Any(p => !p.Soft) ? PurgeVerdict.Hard : covering.Length > 0 ? PurgeVerdict.Soft : PurgeVerdict.Clear;
                    Assert.True(expected == index.Check(o.Site, o.Url, o.Tags, o.Stamp), $"seed {seed} step {step} {o.Url}");
                }
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_prefix_that_finds_no_room_purges_its_host_and_nothing_of_other_hosts(bool soft)
    {
        PurgeVerdict purged = soft ? PurgeVerdict.Soft : PurgeVerdict.Hard;
        PurgeIndex index = NewIndex();
        for (int length = 1; length <= PrefixPurges.MaxLengths; length++)
        {
            Purge(index, PurgeKind.Prefix, "h:8080/" + new string('x', length - 1));
        }

        long stamp = index.Applied;
        Purge(index, PurgeKind.Prefix, "h:8080/" + new string('y', PrefixPurges.MaxLengths), soft);
        Assert.Equal(purged, index.Check("s", "https://h:8080/" + new string('y', PrefixPurges.MaxLengths) + "z", [], stamp));
        Assert.Equal(purged, index.Check("s", "http://h/other", [], stamp));
        Assert.Equal(PurgeVerdict.Clear, index.Check("s", "http://i/other", [], stamp));
        Assert.Equal(PurgeVerdict.Clear, index.Check("t", "http://h/other", [], stamp));
        Assert.Equal(PrefixPurges.MaxLengths + 1, index.Count);

        // What is forgotten makes room.
        index.Forget(index.Applied);
        stamp = index.Applied;
        Purge(index, PurgeKind.Prefix, "h:8080/" + new string('y', PrefixPurges.MaxLengths));
        Assert.Equal(PurgeVerdict.Clear, index.Check("s", "http://h:8080/other", [], stamp));
    }

    [Fact]
    public void Prefixes_beyond_the_limit_are_not_dropped()
    {
        PurgeIndex index = NewIndex();
        long stamp = index.Applied;
        for (int i = 0; i < PrefixPurges.MaxPrefixes + 10; i++)
        {
            Purge(index, PurgeKind.Prefix, $"h/{i:00000}/");
        }

        for (int i = 0; i < PrefixPurges.MaxPrefixes + 10; i++)
        {
            Assert.Equal(PurgeVerdict.Hard, index.Check("s", $"https://h/{i:00000}/a", [], stamp));
        }

        Assert.Equal(PrefixPurges.MaxPrefixes + 1, index.Count);
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
