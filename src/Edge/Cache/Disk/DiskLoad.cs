namespace OrleansCdn.Edge.Cache.Disk;

/// <summary>Fills the index at start: from the checkpoint, then from the log behind it.</summary>
internal static class DiskLoad
{
    /// <summary>What was found, for the log.</summary>
    /// <param name="Scanned">Records behind the checkpoint.</param>
    internal readonly record struct Result(int Entries, long Scanned, bool HadCheckpoint, int ClockEra, long HighestWall);

    /// <param name="applied">Records with a later stamp are not used: what their number means is not known.</param>
    /// <param name="horizon">Records with an earlier stamp count as purged.</param>
    /// <exception cref="IOException">The disk refused.</exception>
    public static Result Run(string directory, long lineage, DiskLog log, DiskIndex index, long applied, long horizon)
    {
        log.Open();
        int era = 0;
        long highest = 0;
        IndexCheckpoint? checkpoint = IndexCheckpoint.Load(directory, lineage);
        if (checkpoint is not null)
        {
            (era, highest) = (checkpoint.ClockEra, checkpoint.HighestWall);
            log.SkipIds(checkpoint.Segment);
            foreach (DiskEntry entry in checkpoint.Entries)
            {
                if (CanBeJudged(entry.Stamp, applied, horizon)
                    && log.TryGet(entry.Segment, out SegmentFile? segment) && entry.Offset + (long)entry.Length <= segment!.Length)
                {
                    index.Put(entry);
                }
            }
        }

        long scanned = 0;
        foreach (SegmentFile segment in log.OldestFirst)
        {
            // Only what was written in the last era says how far the clock had come.
            highest = segment.ClockEra > era ? segment.CreatedAt : segment.ClockEra == era ? Math.Max(highest, segment.CreatedAt) : highest;
            era = Math.Max(era, segment.ClockEra);
            if (checkpoint is not null && segment.Id < checkpoint.Segment)
            {
                continue;
            }

            var scan = new SegmentScan(segment, checkpoint?.Segment == segment.Id ? checkpoint.Offset : 0);
            while (scan.TryNext(out RecordHeader header))
            {
                scanned++;
                highest = segment.ClockEra == era ? Math.Max(highest, header.WrittenAt) : highest;
                Take(index, segment.Id, scan.Offset, header, CanBeJudged(header.Stamp, applied, horizon));
            }
        }

        return new Result(index.Count, scanned, checkpoint is not null, era, highest);
    }

    /// <summary>Whether the purges that are remembered say all that there is to say about a record: see <see cref="Run"/>.</summary>
    internal static bool CanBeJudged(long stamp, long applied, long horizon) => stamp >= horizon && stamp <= applied;

    private static void Take(DiskIndex index, uint segment, long offset, in RecordHeader header, bool isUsable)
    {
        switch (header.Kind)
        {
            case RecordKind.Object when isUsable:
                index.Put(new DiskEntry
                {
                    Key = header.Key,
                    Stamp = header.Stamp,
                    Segment = segment,
                    Offset = (uint)offset,
                    Length = (uint)header.TotalLength,
                    Variant = header.Variant,
                    Flags = header.IsSoftPurged ? EntryFlags.SoftPurged : EntryFlags.None,
                });
                break;
            case RecordKind.Object or RecordKind.DropVariant:
                index.Remove(header.Key, header.Variant);
                break;
            case RecordKind.DropKey:
                index.Remove(header.Key);
                break;
            default:
                index.MarkStale(header.Key, header.Variant);
                break;
        }
    }
}
