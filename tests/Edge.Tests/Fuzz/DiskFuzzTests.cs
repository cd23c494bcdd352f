using System.Buffers;
using System.Buffers.Binary;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using OrleansCdn.Edge.Cache;
using OrleansCdn.Edge.Cache.Disk;
using OrleansCdn.Edge.Control;
using OrleansCdn.Testing;

namespace OrleansCdn.Edge.Tests.Fuzz;

/// <summary>
/// What comes from disk is what was written, or nothing: a damaged record is not taken unless its checksum says that it is
/// whole, and one whose checksum lies does no more harm than a wrong record.
/// </summary>
public sealed class DiskFuzzTests
{
    private const uint Segment = 7;
    private const long Offset = 4096;

    /// <summary>What reading may take for each byte of a block: texts double, arrays of references take eight for a length of four.</summary>
    private const int AllocatedPerByte = 64;

    private static readonly string[] Texts = [.. FuzzInput.Read("list"), .. FuzzInput.Read("cache-control"), ""];

    [Fact]
    public void A_record_header_is_the_one_that_was_written_there() => FuzzInput.Run("disk", [.. Enumerable.Range(0, 4).Select(i => Header(new Random(i)))], (text, random) =>
    {
        byte[] bytes = FuzzInput.Octets(text);
        if (RecordHeader.TryRead(bytes, Segment, Offset, out RecordHeader read))
        {
            byte[] again = new byte[RecordHeader.Bytes];
            read.Write(again, Segment, Offset);
            Assert.Equal(bytes[..RecordHeader.Bytes], again);
            Assert.False(RecordHeader.TryRead(bytes, Segment + 1, Offset, out _));
            Assert.False(RecordHeader.TryRead(bytes, Segment, Offset + 1, out _));
        }

        if (bytes.Length >= RecordHeader.Bytes)
        {
            Sign(bytes);
            if (RecordHeader.TryRead(bytes, Segment, Offset, out read))
            {
                Assert.InRange(read.MetaLength, 0, DiskLimits.MaxMetaBytes);
                Assert.InRange(read.BodyLength, 0, DiskLimits.MaxRecordBytes);
                Assert.True(Enum.IsDefined(read.Kind));
            }
        }
    });

    [Fact]
    public void Metadata_come_back_as_they_were_written() => FuzzInput.Run("list", (text, random) =>
    {
        StoredResponse written = Response(text, random);
        uint[] pieces = [.. Enumerable.Range(0, random.Next(4)).Select(_ => (uint)random.Next())];
        long bodyLength = pieces.Length == 0 ? 0 : ((long)(pieces.Length - 1) * DiskLimits.PieceBytes) + 1 + random.Next(DiskLimits.PieceBytes);
        byte[] block = Meta(written, pieces);
        RecordMeta? read = RecordMeta.Read(block, bodyLength, stamp: 5);
        Assert.NotNull(read);
        Assert.Equal(pieces, read.PieceCrcs);
        Assert.Equal((written.Key, written.Url, written.Status), (read.Response.Key, read.Response.Url, read.Response.Status));
        Assert.Equal(written.Storage, read.Response.Storage);
        Assert.Equal(written.Tags, read.Response.Tags);
        Assert.True(written.Vary.SameAs(read.Response.Vary));
        Assert.Equal(written.Header.Fields.ToArray(), read.Response.Header.Fields.ToArray());
        Assert.Equal(written.VisitorHeader.Fields.ToArray(), read.Response.VisitorHeader.Fields.ToArray());
        Assert.Equal(block, Meta(read.Response, pieces));
        Assert.Null(RecordMeta.Read(block.AsSpan(..random.Next(block.Length)), bodyLength, stamp: 5));
    });

    [Fact]
    public void Damaged_metadata_are_read_within_bounds_or_not_at_all() => FuzzInput.Run(
        "disk", [.. Enumerable.Range(0, 8).Select(i => FuzzInput.Text(Meta(Response(Texts[i], new Random(i)), [1, 2])))], (text, random) =>
    {
        byte[] block = FuzzInput.Octets(text);
        long bodyLength = random.Next(3) switch { 0 => 2 * DiskLimits.PieceBytes, 1 => DiskLimits.MaxRecordBytes, _ => random.Next(1000) };
        long before = GC.GetAllocatedBytesForCurrentThread();
        RecordMeta.Read(block, bodyLength, stamp: 5);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, (64 * 1024) + ((long)AllocatedPerByte * block.Length));
    });

    [Fact]
    public void A_frame_of_the_journal_is_whole_or_none() => FuzzInput.Run("journal", (text, random) =>
    {
        byte[] json = FuzzInput.Octets(text);
        byte[] signed = new byte[JournalFrame.PrefixBytes + json.Length];
        BinaryPrimitives.WriteInt32LittleEndian(signed, json.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(signed.AsSpan(4), Crc32C.Of(json));
        json.CopyTo(signed, JournalFrame.PrefixBytes);
        if (JournalFrame.TryRead(signed, out int length) is { } frame)
        {
            Assert.Equal(signed.Length, length);
            var state = new JournalState();
            state.Add(frame);
            byte[] printed = frame.ToBytes();
            Assert.Equal(printed, JournalFrame.TryRead(printed, out _)!.ToBytes());
        }

        byte[] damaged = FuzzInput.Octets(FuzzInput.Damage([FuzzInput.Text(signed)], random));
        if (!damaged.AsSpan().StartsWith(signed))
        {
            Assert.Null(JournalFrame.TryRead(damaged, out _));
        }
    });

    [Fact]
    public void A_stored_record_is_whole_or_says_what_is_wrong() => FuzzInput.Run("journal", (text, random) =>
    {
        byte[] payload = FuzzInput.Octets(text);
        byte[] frame = RecordFrame.Write(RecordFrame.CursorKind, 12, payload);
        Assert.Equal(FrameFault.None, RecordFrame.Read(frame, RecordFrame.CursorKind, out long generation, out ReadOnlySpan<byte> read));
        Assert.Equal(12, generation);
        Assert.True(read.SequenceEqual(payload));
        Assert.Equal(FrameFault.Foreign, RecordFrame.Read(frame, RecordFrame.SnapshotKind, out _, out _));
        byte[] damaged = FuzzInput.Octets(FuzzInput.Damage([FuzzInput.Text(frame)], random));
        if (!damaged.AsSpan().StartsWith(frame))
        {
            Assert.NotEqual(FrameFault.None, RecordFrame.Read(damaged, RecordFrame.CursorKind, out _, out read));
            Assert.True(read.IsEmpty);
        }
    });

    private static string Header(Random random)
    {
        byte[] bytes = new byte[RecordHeader.Bytes];
        new RecordHeader
        {
            Kind = (RecordKind)(1 + random.Next(4)),
            IsSoftPurged = random.Next(2) == 0,
            MetaLength = random.Next(DiskLimits.MaxMetaBytes),
            Variant = (uint)random.Next(),
            BodyLength = random.NextInt64(DiskLimits.MaxRecordBytes),
            Key = new DiskKey((ulong)random.NextInt64(), (ulong)random.NextInt64()),
            Stamp = random.Next(),
            WrittenAt = random.NextInt64(),
            MetaCrc = (uint)random.Next(),
        }.Write(bytes, Segment, Offset);
        return FuzzInput.Text(bytes);
    }

    /// <summary>A checksum that says that these bytes are right.</summary>
    private static void Sign(byte[] header)
    {
        byte[] place = new byte[12];
        BinaryPrimitives.WriteUInt32LittleEndian(place, Segment);
        BinaryPrimitives.WriteInt64LittleEndian(place.AsSpan(4), Offset);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(60), Crc32C.End(Crc32C.Add(Crc32C.Add(Crc32C.Start, header.AsSpan(0, 60)), place)));
    }

    private static byte[] Meta(StoredResponse response, uint[] pieces)
    {
        var block = new ArrayBufferWriter<byte>();
        RecordMeta.Write(block, response, pieces, run: 3, clockEra: 1, receivedWall: 1000);
        return block.WrittenSpan.ToArray();
    }

    private static StoredResponse Response(string text, Random random)
    {
        KeyValuePair<string, StringValues>[] fields = [.. Enumerable.Range(0, random.Next(6)).Select(i => new KeyValuePair<string, StringValues>(
            $"X-{random.Next(4)}", random.Next(2) == 0 ? new StringValues(text) : new StringValues([text, Texts[random.Next(Texts.Length)]])))];
        string[] tags = SurrogateTags.TryParse(new ResponseHeader([new("Surrogate-Key", text)]), new CacheKey("site", false, "example.org", "/"), out string[] read) ? read : [];
        return new StoredResponse
        {
            Key = new CacheKey("site", random.Next(2) == 0, "example.org", "/" + text),
            Url = "http://example.org/" + text,
            Status = random.Next(200, 600),
            Header = new ResponseHeader(fields),
            VisitorHeader = new ResponseHeader([.. fields.Where(_ => random.Next(2) == 0), new("Via", text)]),
            Body = new CachedBody([]),
            Vary = VarySelector.Of(VarySelector.ParseNames(text), new HeaderDictionary { ["Foo"] = text }),
            Tags = tags,
            Storage = new StorageDecision { Reason = NotStoredReason.None, Lifetime = random.Next(), StaleIfError = random.NextDouble(), NeverStale = random.Next(2) == 0 },
            InitialAge = random.NextDouble(),
            ReceivedAt = random.Next(),
        };
    }
}
