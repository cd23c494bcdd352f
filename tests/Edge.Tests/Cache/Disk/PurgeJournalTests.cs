using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Cache;
using OrleansCdn.Edge.Cache.Disk;
using OrleansCdn.Edge.Tests.Control;

namespace OrleansCdn.Edge.Tests.Cache.Disk;

public sealed class PurgeJournalTests : IDisposable
{
    private readonly TempDirectory _files = new();

    public void Dispose() => _files.Dispose();

    private PurgeIndex NewIndex()
    {
        var index = new PurgeIndex();
        index.Resume(new PurgeCursor("e", 0));
        index.Attach((cursor, _) =>
        {
            var state = new JournalState { Lineage = 7 };
            state.Add(new JournalFrame { Epoch = cursor.Epoch, Sequence = cursor.Sequence, Applied = 0 });
            return PurgeJournal.Create(_files.Path, state, new ListLogger());
        });
        return index;
    }

    [Fact]
    public void Cut_anywhere_it_knows_every_purge_up_to_the_cursor_that_it_gives()
    {
        var random = new Random(1);
        PurgeIndex index = NewIndex();
        List<PurgeEntry> all = [];
        while (all.Count < 60)
        {
            PurgeEntry[] batch = [.. Enumerable.Range(all.Count + 1, random.Next(1, 5)).Select(n => new PurgeEntry
            {
                Sequence = n, Site = "s", Kind = PurgeKind.Tag, Value = $"t{random.Next(20)}", Soft = random.Next(2) == 0,
            })];
            all.AddRange(batch);
            index.Apply(new PurgeCursor("e", all.Count), batch);
        }

        index.Flush();
        string file = Path.Combine(_files.Path, PurgeJournal.FileName);
        byte[] whole = ReadShared(file);
        string cut = _files.File("cut");
        Directory.CreateDirectory(cut);
        int known = 0;
        for (int length = 0; length <= whole.Length; length++)
        {
            File.WriteAllBytes(Path.Combine(cut, PurgeJournal.FileName), whole[..length]);
            JournalState? state = PurgeJournal.Load(cut);
            if (state is null)
            {
                Assert.Equal(0, known);
                continue;
            }

            known = (int)state.Cursor.Sequence;
            Assert.Equal((known, 7L), ((int)state.Applied, state.Lineage));
            var expected = all.Take(known).GroupBy(e => (e.Value, e.Soft)).ToDictionary(g => g.Key, g => g.Last().Sequence);
            Assert.Equal(expected, state.Entries.ToDictionary(e => (e.Key.Value, e.Key.Soft), e => e.Value.Number));
        }

        Assert.Equal(all.Count, known);
    }

    [Fact]
    public void Any_changed_bit_gives_less_and_never_something_else()
    {
        PurgeIndex index = NewIndex();
        for (int n = 1; n <= 10; n++)
        {
            index.Apply(new PurgeCursor("e", n), [new PurgeEntry { Sequence = n, Site = "s", Kind = PurgeKind.Url, Value = $"u{n}", Soft = false }]);
        }

        string file = Path.Combine(_files.Path, PurgeJournal.FileName);
        byte[] whole = ReadShared(file);
        string cut = _files.File("cut");
        Directory.CreateDirectory(cut);
        for (int bit = 0; bit < whole.Length * 8; bit++)
        {
            byte[] changed = [.. whole];
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            File.WriteAllBytes(Path.Combine(cut, PurgeJournal.FileName), changed);

            // A cursor that is behind what was acknowledged makes the store drop everything.
            Assert.True(PurgeJournal.Load(cut) is not { } state || state.Cursor.Sequence < 10, $"bit {bit}");
        }
    }

    [Fact]
    public void A_gap_is_kept_and_what_was_before_it_forgotten()
    {
        PurgeIndex index = NewIndex();
        index.Apply(new PurgeCursor("e", 1), [new PurgeEntry { Sequence = 1, Site = "s", Kind = PurgeKind.Site, Value = "", Soft = false }]);
        index.ApplyGap(new PurgeCursor("f", 9));
        JournalState state = PurgeJournal.Load(_files.Path)!;
        Assert.Equal((new PurgeCursor("f", 9), 2L, 2L, 0), (state.Cursor, state.Applied, state.Horizon, state.Entries.Count));
        var again = new PurgeIndex();
        again.Resume(state);
        Assert.Equal(PurgeVerdict.Hard, again.Check("s", "u", [], 1));
        Assert.Equal(PurgeVerdict.Clear, again.Check("s", "u", [], 2));
    }

    [Fact]
    public void It_is_made_anew_when_what_is_forgotten_outweighs_the_rest()
    {
        PurgeIndex index = NewIndex();
        string file = Path.Combine(_files.Path, PurgeJournal.FileName);
        for (int n = 1; n <= 600; n++)
        {
            index.Apply(new PurgeCursor("e", n), [new PurgeEntry { Sequence = n, Site = "s", Kind = PurgeKind.Url, Value = new string('u', 2000) + n, Soft = false }]);
        }

        Assert.True(new FileInfo(file).Length > 1 << 20);
        index.Forget(590);
        Assert.True(new FileInfo(file).Length < 1 << 16);
        index.Apply(new PurgeCursor("e", 601), [new PurgeEntry { Sequence = 601, Site = "s", Kind = PurgeKind.Url, Value = "last", Soft = false }]);
        JournalState state = PurgeJournal.Load(_files.Path)!;
        Assert.Equal((601L, 590L, 11), (state.Cursor.Sequence, state.Horizon, state.Entries.Count));
    }

    private static byte[] ReadShared(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
