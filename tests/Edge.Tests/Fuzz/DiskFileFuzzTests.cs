using System.Buffers.Binary;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Cache.Disk;
using OrleansCdn.Edge.Tests.Control;
using OrleansCdn.Testing;

namespace OrleansCdn.Edge.Tests.Fuzz;

/// <summary>Damaged files of the disk store: what is found in them was written there.</summary>
public sealed class DiskFileFuzzTests : IDisposable
{
    private const long Lineage = 7;

    /// <summary>One of that many of the usual number of cases: each writes files.</summary>
    private const int FileShare = 25;

    private readonly TempDirectory _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public void A_scan_finds_only_records_that_were_written_where_they_stand()
    {
        Dictionary<long, RecordHeader> written = [];
        string path = WriteSegment(written);
        byte[] whole = File.ReadAllBytes(path);
        FuzzInput.Run("disk", [FuzzInput.Text(whole)], (text, random) =>
        {
            // The segment's own header stays whole in most cases: behind it is what is scanned.
            byte[] bytes = FuzzInput.Octets(text);
            if (random.Next(8) > 0)
            {
                whole.AsSpan(0, Math.Min(bytes.Length, SegmentFile.HeaderBytes)).CopyTo(bytes);
            }

            File.WriteAllBytes(path, bytes);
            if (SegmentFile.Open(path, Lineage) is not { } segment)
            {
                return;
            }

            Assert.Equal(whole.AsSpan(0, SegmentFile.HeaderBytes), bytes.AsSpan(0, SegmentFile.HeaderBytes));
            var scan = new SegmentScan(segment, random.Next(2) == 0 ? 0 : written.Keys.ElementAt(random.Next(written.Count)));
            long end = scan.End;
            while (scan.TryNext(out RecordHeader header))
            {
                Assert.Equal(end, scan.Offset);
                Assert.Equal(written[scan.Offset], header);
                Assert.InRange(scan.End, scan.Offset + RecordHeader.Bytes, bytes.Length);
                end = scan.End;
            }

            segment.Return();
        }, FileShare);
    }

    [Fact]
    public void A_checkpoint_is_the_whole_one_or_none()
    {
        var entries = Enumerable.Range(1, 5).Select(i => new DiskEntry { Key = new DiskKey((ulong)i, 2), Stamp = i, Segment = 1, Offset = 36, Length = 100 }).ToArray();
        new IndexCheckpoint { Lineage = Lineage, Segment = 1, Offset = 400, ClockEra = 2, HighestWall = 3, Entries = entries }.Save(_files.Path);
        string path = _files.File(IndexCheckpoint.FileName);
        byte[] whole = File.ReadAllBytes(path);
        FuzzInput.Run("disk", [FuzzInput.Text(whole)], (text, random) =>
        {
            byte[] bytes = FuzzInput.Octets(text);
            File.WriteAllBytes(path, bytes);
            Assert.Equal(bytes.AsSpan().SequenceEqual(whole), IndexCheckpoint.Load(_files.Path, Lineage) is not null);
            if (bytes.Length < 56)
            {
                return;
            }

            // A header that lies about the number of entries, and whose checksum is right.
            if (random.Next(2) == 0)
            {
                long[] counts = [long.MaxValue, 1L << 60, (1L << 60) + 5, -1, int.MaxValue, (bytes.Length - 56) / 48];
                BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(40), counts[random.Next(counts.Length)]);
            }

            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(52), Crc32C.Of(bytes.AsSpan(0, 52)));
            File.WriteAllBytes(path, bytes);
            Assert.InRange(IndexCheckpoint.Load(_files.Path, Lineage)?.Entries.Length ?? 0, 0, bytes.Length / 48);
        }, FileShare);
    }

    [Fact]
    public void A_journal_tells_its_beginning_or_nothing()
    {
        var frames = new List<JournalFrame> { new() { Lineage = Lineage, Epoch = "e", Sequence = 0, Applied = 0 } };
        for (int n = 1; n <= 6; n++)
        {
            var entry = new PurgeEntry { Sequence = n, Site = "s", Kind = PurgeKind.Tag, Value = $"t{n}", Soft = n % 2 == 0 };
            frames.Add(new JournalFrame { Epoch = "e", Sequence = n, Applied = n, Entries = [entry], Numbers = [n] });
        }

        string path = _files.File(PurgeJournal.FileName);
        string kept = string.Concat(frames.Select(frame => FuzzInput.Text(frame.ToBytes())));
        FuzzInput.Run("disk", [kept], (text, _) =>
        {
            File.WriteAllBytes(path, FuzzInput.Octets(text));
            if (PurgeJournal.Load(_files.Path) is { } state)
            {
                Assert.Equal(Lineage, state.Lineage);
                Assert.InRange(state.Cursor.Sequence, 0, 6);
                Assert.All(Enumerable.Range(1, (int)state.Cursor.Sequence), n => Assert.Contains(state.Entries, e => e.Value.Number == n));
            }
        }, FileShare);
    }

    private string WriteSegment(Dictionary<long, RecordHeader> written)
    {
        SegmentFile segment = SegmentFile.Create(_files.Path, Lineage, 3, 1, 5);
        var random = new Random(1);
        for (int i = 0; i < 12; i++)
        {
            var header = new RecordHeader
            {
                Kind = i % 4 == 3 ? RecordKind.DropKey : RecordKind.Object,
                Variant = (uint)i,
                Key = new DiskKey(1, (ulong)i),
                Stamp = i,
                WrittenAt = i,
                MetaLength = i % 4 == 3 ? 0 : random.Next(80),
                BodyLength = i % 4 == 3 ? 0 : random.Next(200),
            };
            byte[] record = new byte[header.TotalLength];
            random.NextBytes(record);
            header.Write(record, segment.Id, segment.Length);
            written[segment.Append([record], record.Length)] = header;
        }

        string path = segment.Path;
        segment.Return();
        return path;
    }
}
