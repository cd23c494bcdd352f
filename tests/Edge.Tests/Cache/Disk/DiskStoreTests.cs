using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Cache;
using OrleansCdn.Edge.Cache.Disk;
using OrleansCdn.Edge.Tests.Control;
using Xunit.Abstractions;

namespace OrleansCdn.Edge.Tests.Cache.Disk;

public sealed class DiskStoreTests(ITestOutputHelper output) : IDisposable
{
    private readonly TempDirectory _files = new();

    private string Directory => _files.File("disk");

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Whatever_is_damaged_the_bytes_are_right_or_there_are_none()
    {
        int kept = 0;
        for (int seed = 0; seed < 40; seed++)
        {
            output.WriteLine($"seed {seed}");
            var random = new Random(seed);
            string directory = _files.File($"disk-{seed}");
            Dictionary<string, byte[]> bodies = [];
            using (DiskFixture disk = await DiskFixture.OpenAsync(directory))
            {
                for (int i = 0; i < 30; i++)
                {
                    byte[] body = new byte[random.Next(3) == 0 ? random.Next(300_000) : random.Next(5000)];
                    random.NextBytes(body);
                    bodies[$"o{i}"] = body;
                    disk.Put($"o{i}", body);
                }
            }

            Damage(directory, random);
            using DiskFixture damaged = await DiskFixture.OpenAsync(directory);
            foreach ((string name, byte[] body) in bodies)
            {
                if (await damaged.GetAsync(name) is { } read)
                {
                    Assert.True(body.AsSpan().SequenceEqual(read), $"seed {seed}: {name}");
                    kept++;
                }
            }

            // It goes on as a store.
            damaged.Put("new", [1, 2, 3]);
            await damaged.WrittenAsync();
            Assert.Equal([1, 2, 3], await damaged.GetAsync("new"));
        }

        Assert.InRange(kept, 400, 1199);
    }

    private static void Damage(string directory, Random random)
    {
        string[] targets = [.. SegmentFile.List(directory), Path.Combine(directory, IndexCheckpoint.FileName)];
        if (random.Next(2) == 0)
        {
            File.Delete(targets[^1]);
            targets = targets[..^1];
        }

        for (int times = random.Next(1, 4); times > 0; times--)
        {
            string file = targets[random.Next(targets.Length)];
            byte[] bytes = File.ReadAllBytes(file);
            int at = random.Next(Math.Max(1, bytes.Length - 1));
            switch (random.Next(4))
            {
                case 0 when bytes.Length > 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes = bytes[..at];
                    break;
                case 2:
                    bytes.AsSpan(at, Math.Min(random.Next(5000), bytes.Length - at)).Clear();
                    break;
                default:
                    bytes = [.. bytes[..at], .. new byte[random.Next(100)], .. bytes[at..]];
                    break;
            }

            File.WriteAllBytes(file, bytes);
        }
    }

    [Fact]
    public async Task The_oldest_goes_when_it_is_full_and_what_is_asked_for_stays()
    {
        const long capacity = 64 << 20;
        byte[] Body(int i) => [.. BitConverter.GetBytes(i), .. new byte[100_000]];
        using DiskFixture disk = await DiskFixture.OpenAsync(Directory, capacity);
        for (int i = 0; i < 1500; i++)
        {
            disk.Put($"o{i}", Body(i));
            if (i % 20 == 0)
            {
                await disk.WrittenAsync();
                Assert.InRange(disk.Disk.Bytes, 0, capacity);
                for (int hot = 0; hot < Math.Min(i, 5); hot++)
                {
                    Assert.Equal(Body(hot), await disk.GetAsync($"o{hot}"));
                }
            }
        }

        await disk.WrittenAsync();
        Assert.Equal(0, disk.Disk.Dropped);
        Assert.Equal(Body(1499), await disk.GetAsync("o1499"));
        Assert.Equal(Body(1100), await disk.GetAsync("o1100"));
        Assert.Null(await disk.GetAsync("o100"));
    }

    [Fact]
    public async Task After_a_kill_the_checkpoint_and_the_log_behind_it_make_the_same_index()
    {
        string killed = _files.File("killed");
        using (DiskFixture first = await DiskFixture.OpenAsync(Directory))
        {
            for (int i = 0; i < 100; i++)
            {
                first.Put($"o{i}", BitConverter.GetBytes(i));
            }
        }

        using (DiskFixture second = await DiskFixture.OpenAsync(Directory))
        {
            Assert.Equal(100, second.Disk.Count);
            for (int i = 90; i < 150; i++)
            {
                second.Put($"o{i}", BitConverter.GetBytes(i + 1000));
            }

            await second.WrittenAsync();
            for (int i = 0; i < 20; i++)
            {
                second.Disk.Invalidate(DiskFixture.Key($"o{i * 5}"));
            }

            await second.WrittenAsync();
            Copy(Directory, killed);
        }

        using DiskFixture restarted = await DiskFixture.OpenAsync(killed);
        for (int i = 0; i < 150; i++)
        {
            byte[]? read = await restarted.GetAsync($"o{i}");
            Assert.Equal(i % 5 == 0 && i < 100 ? null : BitConverter.GetBytes(i >= 90 ? i + 1000 : i), read);
        }
    }

    [Fact]
    public async Task A_purge_before_while_and_after_writing_holds_after_a_kill()
    {
        string killed = _files.File("killed");
        PurgeCursor saved;
        using (DiskFixture disk = await DiskFixture.OpenAsync(Directory))
        {
            disk.Put("after", [1]);
            await disk.WrittenAsync();
            StoredResponse during = disk.Put("during", [2]);
            disk.Purge(PurgeKind.Tag, "tafter");
            disk.Purge(PurgeKind.Url, during.Url);
            disk.Purge(PurgeKind.Tag, "tbefore");
            disk.Put("before", [3]);
            disk.Put("soft", [4]);
            await disk.WrittenAsync();
            disk.Purge(PurgeKind.Tag, "tsoft", soft: true);
            disk.Purges.Flush();
            saved = disk.Purges.Cursor;
            Copy(Directory, killed);
        }

        using DiskFixture restarted = await DiskFixture.OpenAsync(killed, saved: saved);
        Assert.Null(await restarted.GetAsync("after"));
        Assert.Null(await restarted.GetAsync("during"));
        Assert.Equal([3], await restarted.GetAsync("before"));
        Assert.Equal([4], await restarted.GetAsync("soft"));
    }

    [Fact]
    public async Task When_too_many_purges_are_remembered_the_disk_is_compared_with_them_and_they_are_forgotten()
    {
        using (DiskFixture disk = await DiskFixture.OpenAsync(Directory))
        {
            disk.Put("a", [1]);
            disk.Put("b", [2]);
            disk.Put("c", [3]);
            await disk.WrittenAsync();
            disk.Purge(PurgeKind.Tag, "ta");
            disk.Purge(PurgeKind.Tag, "tc", soft: true);
            disk.Purges.Forget(disk.Disk.Sweep(disk.Purges.Applied));
            Assert.Equal(0, disk.Purges.Count);
        }

        using DiskFixture restarted = await DiskFixture.OpenAsync(Directory);
        Assert.Null(await restarted.GetAsync("a"));
        Assert.Equal([2], await restarted.GetAsync("b"));
        var c = new DiskEntry[DiskLimits.MaxVariants];
        Assert.Equal(1, restarted.Disk.Index.Find(DiskKey.Of(DiskFixture.Key("c")), c));
        Assert.Equal(EntryFlags.SoftPurged, c[0].Flags);
    }

    [Fact]
    public async Task A_disk_that_takes_no_writes_is_read_on_and_begins_empty_next_time()
    {
        using (DiskFixture disk = await DiskFixture.OpenAsync(Directory, 64 << 20))
        {
            disk.Put("a", [1]);
            await disk.WrittenAsync();
            disk.Purge(PurgeKind.Tag, "unrelated");
            EdgeDisk open = disk.Disk.Report(hits: 3);
            Assert.Equal((EdgeDiskState.Open, null, 1L, 3L, 0L), (open.State, open.Reason, open.Objects, open.Hits, open.WritesDropped));
            Assert.Equal((64L << 20, disk.Disk.Bytes, DiskFixture.Begin), (open.CapacityBytes, open.Bytes, open.Journal));
            disk.Purges.Flush();
            Assert.Equal(disk.Purges.Cursor, disk.Disk.Report(0).Journal);

            // The next segment cannot be made: something else has its name.
            File.WriteAllText(Path.Combine(Directory, "segment-00000002.log"), "");
            for (int i = 0; i < 60; i++)
            {
                disk.Put($"o{i}", new byte[100_000]);
            }

            await disk.WrittenAsync();
            Assert.Equal(DiskState.ReadOnly, disk.Disk.State);
            EdgeDisk refused = disk.Disk.Report(0);
            Assert.Equal((EdgeDiskState.ReadOnly, null), (refused.State, refused.Journal));
            Assert.Contains("segment-00000002.log", refused.Reason, StringComparison.Ordinal);
            Assert.Equal([1], await disk.GetAsync("a"));
        }

        using DiskFixture restarted = await DiskFixture.OpenAsync(Directory);
        Assert.Equal((DiskState.Ready, 0), (restarted.Disk.State, restarted.Disk.Count));
    }

    /// <summary>Measure with CDN_DISK_OBJECTS=100000.</summary>
    [Fact]
    public async Task The_index_is_loaded_from_checkpoint_and_from_the_log_alone()
    {
        int objects = int.Parse(Environment.GetEnvironmentVariable("CDN_DISK_OBJECTS") ?? "2000");
        using (DiskFixture disk = await DiskFixture.OpenAsync(Directory, 1L << 30))
        {
            for (int i = 0; i < objects; i++)
            {
                disk.Put($"o{i}", new byte[1000]);
                if (i % 5000 == 0)
                {
                    await disk.WrittenAsync();
                }
            }
        }

        foreach (bool withCheckpoint in new[] { true, false })
        {
            if (!withCheckpoint)
            {
                File.Delete(Path.Combine(Directory, IndexCheckpoint.FileName));
            }

            long start = TimeProvider.System.GetTimestamp();
            using DiskFixture disk = await DiskFixture.OpenAsync(Directory, 1L << 30);
            output.WriteLine($"{objects} objects, checkpoint {withCheckpoint}: {TimeProvider.System.GetElapsedTime(start).TotalMilliseconds:0} ms");
            Assert.Equal(objects, disk.Disk.Count);
        }
    }

    private static void Copy(string from, string to)
    {
        System.IO.Directory.CreateDirectory(to);
        foreach (string file in System.IO.Directory.GetFiles(from).Where(f => !f.EndsWith("lock", StringComparison.Ordinal)))
        {
            using var source = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using FileStream target = File.Create(Path.Combine(to, Path.GetFileName(file)));
            source.CopyTo(target);
        }
    }
}
