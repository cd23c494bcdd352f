using System.Buffers;

namespace OrleansCdn.Edge.Cache.Disk;

/// <summary>Makes records of responses and marks, and keeps the log within its capacity. For one thread.</summary>
internal sealed class DiskWriter(
    DiskLog log, DiskIndex index, PurgeIndex purges, Func<CacheKey, VarySelector, bool> isInMemory, long run, long capacity, TimeProvider time)
{
    private readonly ArrayBufferWriter<byte> _block = new();
    private readonly List<ReadOnlyMemory<byte>> _parts = [];
    private readonly byte[] _mark = new byte[RecordHeader.Bytes];
    private readonly long _largest = DiskLimits.LargestRecord(capacity);

    private volatile DiskClock _clock = new(0, 0, 0, 0);

    /// <summary>Replaced by the writer's thread, read by any.</summary>
    public DiskClock Clock
    {
        get => _clock;
        set => _clock = value;
    }

    /// <summary>Bytes appended so far.</summary>
    public long Written { get; private set; }

    /// <exception cref="IOException">The disk refused.</exception>
    public void Write(in DiskWork work)
    {
        long now = time.GetUtcNow().ToUnixTimeMilliseconds();
        Clock = Clock.Look(time.MonotonicSeconds(), now);
        if (work.Response is { } response)
        {
            WriteObject(work, response, now);
        }
        else
        {
            WriteMark(work, now);
        }
    }

    private void WriteObject(in DiskWork work, StoredResponse response, long now)
    {
        // The stamp first: one that is raised meanwhile was compared with more purges, not with fewer.
        long stamp = response.Stamp;
        if (response.Body.State != BodyState.Complete || response.Body.IsWindowed
            || purges.Check(response.Key.Site, response.Url, response.Tags, stamp) == PurgeVerdict.Hard)
        {
            return;
        }

        _parts.Clear();
        _parts.Add(default);
        uint[] sums = PieceSums.Of(response.Body, _parts);
        _block.ResetWrittenCount();
        _block.GetSpan(RecordHeader.Bytes);
        _block.Advance(RecordHeader.Bytes);
        long receivedWall = now - (long)(Math.Max(0, time.MonotonicSeconds() - response.ReceivedAt) * 1000);
        RecordMeta.Write(_block, response, sums, run, Clock.Era, receivedWall);
        byte[] block = _block.WrittenSpan.ToArray();
        var header = new RecordHeader
        {
            Kind = RecordKind.Object,
            IsSoftPurged = !double.IsNaN(response.SoftPurgedAt),
            MetaLength = block.Length - RecordHeader.Bytes,
            Variant = work.Variant,
            BodyLength = response.Body.Length,
            Key = work.Key,
            Stamp = stamp,
            WrittenAt = now,
            MetaCrc = Crc32C.Of(block.AsSpan(RecordHeader.Bytes)),
        };
        if (header.MetaLength > DiskLimits.MaxMetaBytes || header.TotalLength > _largest)
        {
            index.Remove(work.Key, work.Variant);
            return;
        }

        _parts[0] = block;
        SegmentFile segment = log.RoomFor(header.TotalLength, Clock.Era, now, Reclaim);
        Append(segment, header, block, _parts);
        _parts.Clear();
    }

    private void WriteMark(in DiskWork work, long now)
    {
        SegmentFile segment = log.RoomFor(RecordHeader.Bytes, Clock.Era, now, Reclaim);
        new RecordHeader { Kind = work.Kind, Variant = work.Variant, Key = work.Key, Stamp = 0, WrittenAt = now }.Write(_mark, segment.Id, segment.Length);
        segment.Append([_mark], _mark.Length);
        Written += _mark.Length;
        switch (work.Kind)
        {
            case RecordKind.DropKey:
                index.Remove(work.Key);
                break;
            case RecordKind.DropVariant:
                index.Remove(work.Key, work.Variant);
                break;
            default:
                index.MarkStale(work.Key, work.Variant);
                break;
        }
    }

    private void Append(SegmentFile segment, in RecordHeader header, byte[] block, IReadOnlyList<ReadOnlyMemory<byte>> parts)
    {
        header.Write(block, segment.Id, segment.Length);
        long at = segment.Append(parts, header.TotalLength);
        Written += header.TotalLength;
        index.Put(new DiskEntry
        {
            Key = header.Key,
            Stamp = header.Stamp,
            Segment = segment.Id,
            Offset = (uint)at,
            Length = (uint)header.TotalLength,
            Variant = header.Variant,
            Flags = header.IsSoftPurged ? EntryFlags.SoftPurged : EntryFlags.None,
        });
    }

    /// <summary>What was asked for since it was written, or is in memory still, is written again; the rest of the segment goes.</summary>
    private void Reclaim(SegmentFile oldest)
    {
        long budget = (long)(log.SegmentBytes * DiskLimits.MaxReinsertedShare);
        var found = new DiskEntry[DiskLimits.MaxVariants];
        var scan = new SegmentScan(oldest, 0);
        while (scan.TryNext(out RecordHeader header))
        {
            if (header.Kind != RecordKind.Object || header.TotalLength > budget)
            {
                continue;
            }

            int variants = index.Find(header.Key, found);
            for (int i = 0; i < variants; i++)
            {
                if (found[i].IsAt(oldest.Id, (uint)scan.Offset) && (found[i].Flags & EntryFlags.Stale) == 0 && TryReinsert(oldest, found[i]))
                {
                    budget -= header.TotalLength;
                }
            }
        }

        index.RemoveSegment(oldest.Id);
    }

    private bool TryReinsert(SegmentFile from, in DiskEntry entry)
    {
        if (log.ActiveWithRoom(entry.Length) is not { } active || !from.TryLease())
        {
            return false;
        }

        using DiskRecord? record = DiskRecord.TryOpen(from, entry);
        if (record is null
            || ((entry.Flags & EntryFlags.Hit) == 0 && !isInMemory(record.Meta.Response.Key, record.Meta.Response.Vary))
            || purges.Check(record.Meta.Response.Key.Site, record.Meta.Response.Url, record.Meta.Response.Tags, entry.Stamp) == PurgeVerdict.Hard
            || record.TryReadWhole() is not { } bytes)
        {
            return false;
        }

        RecordHeader header = record.Header with { Stamp = entry.Stamp, IsSoftPurged = (entry.Flags & EntryFlags.SoftPurged) != 0 };
        Append(active, header, bytes, [bytes]);
        return true;
    }
}
