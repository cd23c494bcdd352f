using System.Text.Json;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Control;

namespace OrleansCdn.Edge.Tests.Control;

public sealed class ControlStoreTests : IDisposable
{
    private readonly TempDirectory _data = new();
    private readonly ListLogger _log = new();

    private string SnapshotFile => _data.File("control/" + ControlStore.SnapshotName);

    private string CursorFile => _data.File("control/" + ControlStore.CursorName);

    public void Dispose() => _data.Dispose();

    private ControlStore Open(string pop = "waw", string edge = "waw1") => ControlStore.Open(_data.Path, pop, edge, _log);

    [Fact]
    public void What_was_saved_is_there_after_a_restart()
    {
        EdgeSnapshot saved = Configs.Snapshot(7);
        using (ControlStore store = Open())
        {
            Assert.Null(store.LoadSnapshot());
            Assert.Equal(PurgeCursor.None, store.LoadCursor());
            store.SaveSnapshot(saved);
            for (int i = 1; i <= 5; i++)
            {
                store.SaveCursor(new PurgeCursor("log", i));
            }
        }

        using ControlStore again = Open();
        EdgeSnapshot loaded = again.LoadSnapshot()!;
        Assert.Equal(("e1", 7L), (loaded.Epoch, loaded.Version));
        Assert.Equal(Json(saved), Json(loaded));
        Assert.Equal(new PurgeCursor("log", 5), again.LoadCursor());
        again.SaveCursor(new PurgeCursor("log", 6));
        Assert.Equal(new PurgeCursor("log", 6), again.LoadCursor());
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public void Every_truncation_of_the_snapshot_is_set_aside()
    {
        byte[] whole = SavedSnapshotBytes();
        foreach (int length in Enumerable.Range(0, whole.Length))
        {
            File.WriteAllBytes(SnapshotFile, whole[..length]);
            AssertSnapshotSetAside($"length {length}");
        }
    }

    [Fact]
    public void Every_flipped_bit_of_the_snapshot_is_noticed()
    {
        byte[] whole = SavedSnapshotBytes();
        for (int bit = 0; bit < whole.Length * 8; bit++)
        {
            whole[bit / 8] ^= (byte)(1 << (bit % 8));

            Assert.NotEqual(FrameFault.None, RecordFrame.Read(whole, RecordFrame.SnapshotKind, out _, out _));
            if (bit % 97 == 0)
            {
                File.WriteAllBytes(SnapshotFile, whole);
                AssertSnapshotSetAside($"bit {bit}");
            }

            whole[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        Assert.Equal(FrameFault.None, RecordFrame.Read(whole, RecordFrame.SnapshotKind, out _, out _));
    }

    [Theory]
    [InlineData(8, FrameFault.OtherFormat)]
    [InlineData(0, FrameFault.Foreign)]
    public void Files_of_another_format_or_program_are_told_apart(int at, object fault)
    {
        byte[] whole = SavedSnapshotBytes();
        whole[at]++;
        Assert.Equal((FrameFault)fault, RecordFrame.Read(whole, RecordFrame.SnapshotKind, out _, out _));
        File.WriteAllBytes(SnapshotFile, whole);
        AssertSnapshotSetAside(fault.ToString()!);
        Assert.Contains(fault.ToString()!, _log.All, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sound_frame_around_another_text_is_set_aside()
    {
        SavedSnapshotBytes();
        foreach (string text in new[] { "{}", "null", "[]", "nonsense", """{"pop":"waw","edge":"waw1","epoch":"e","version":1,"config":{}}""" })
        {
            File.WriteAllBytes(SnapshotFile, RecordFrame.Write(RecordFrame.SnapshotKind, 0, System.Text.Encoding.UTF8.GetBytes(text)));
            AssertSnapshotSetAside(text);
        }
    }

    [Fact]
    public void A_file_that_is_far_too_large_is_not_read()
    {
        SavedSnapshotBytes();
        using (FileStream file = File.OpenWrite(SnapshotFile))
        {
            file.SetLength(ControlStore.MaxSnapshotBytes * 4L);
        }

        AssertSnapshotSetAside("large");
    }

    [Fact]
    public void What_belongs_to_another_edge_is_refused()
    {
        using (ControlStore store = Open())
        {
            store.SaveSnapshot(Configs.Snapshot(7));
            store.SaveCursor(new PurgeCursor("log", 5));
        }

        using ControlStore other = Open("waw", "waw2");
        Assert.Null(other.LoadSnapshot());
        Assert.Equal(PurgeCursor.None, other.LoadCursor());
        Assert.Contains("belongs to edge waw/waw1", _log.All, StringComparison.Ordinal);
        Assert.True(File.Exists(SnapshotFile + ".unusable"));
    }

    [Fact]
    public void A_torn_cursor_write_leaves_the_one_before_it()
    {
        byte[] before = CursorBytes(8);
        byte[] after = CursorBytes(9);
        int slot = Enumerable.Range(0, before.Length).First(i => before[i] != after[i]) / ControlStore.SlotBytes * ControlStore.SlotBytes;
        for (int written = 0; written < ControlStore.SlotBytes; written++)
        {
            byte[] torn = [.. before];
            after.AsSpan(slot, written).CopyTo(torn.AsSpan(slot));
            File.WriteAllBytes(CursorFile, torn);
            using ControlStore store = Open();
            PurgeCursor loaded = store.LoadCursor();
            Assert.True(loaded.Sequence is 8 or 9, $"{written} bytes written: {loaded}");
            store.SaveCursor(new PurgeCursor("log", 10));
            Assert.Equal(10, store.LoadCursor().Sequence);
        }
    }

    [Fact]
    public void No_damage_makes_a_cursor_that_was_never_written()
    {
        byte[] whole = CursorBytes(9);
        for (int i = 0; i < whole.Length; i++)
        {
            if (whole[i] == 0 && i % 64 != 0)
            {
                continue; // the empty rest of the slots
            }

            byte[] damaged = [.. whole];
            damaged[i] ^= 0x55;
            File.WriteAllBytes(CursorFile, damaged);
            using ControlStore store = Open();
            Assert.True(store.LoadCursor() is { Epoch: "log", Sequence: 8 or 9 }, $"byte {i}");
        }

        foreach (int length in Enumerable.Range(0, whole.Length / 16).Select(i => i * 16))
        {
            File.WriteAllBytes(CursorFile, whole[..length]);
            using ControlStore store = Open();
            Assert.True(store.LoadCursor() is { Epoch: "log", Sequence: 8 or 9 } or { Epoch: "", Sequence: 0 }, $"length {length}");
        }
    }

    [Fact]
    public void A_directory_has_one_owner()
    {
        using ControlStore store = Open();
        IOException error = Assert.Throws<IOException>(() => Open());
        Assert.Contains("--data", error.Message, StringComparison.Ordinal);
    }

    private byte[] SavedSnapshotBytes()
    {
        using ControlStore store = Open();
        store.SaveSnapshot(Configs.Snapshot(7));
        return File.ReadAllBytes(SnapshotFile);
    }

    private byte[] CursorBytes(long through)
    {
        using (ControlStore store = Open())
        {
            File.Delete(CursorFile);
            for (long i = 1; i <= through; i++)
            {
                store.SaveCursor(new PurgeCursor("log", i));
            }
        }

        return File.ReadAllBytes(CursorFile);
    }

    private void AssertSnapshotSetAside(string what)
    {
        using ControlStore store = Open();
        Assert.True(store.LoadSnapshot() is null, what);
        Assert.False(File.Exists(SnapshotFile), what);
        Assert.True(File.Exists(SnapshotFile + ".unusable"), what);
        store.SaveSnapshot(Configs.Snapshot(8));
        Assert.Equal(8, store.LoadSnapshot()?.Version);
    }

    private static string Json(EdgeSnapshot snapshot) => JsonSerializer.Serialize(snapshot.Config, ContractsJson.Default.CdnConfig);
}
