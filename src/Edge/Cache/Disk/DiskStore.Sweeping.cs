namespace OrleansCdn.Edge.Cache.Disk;

/// <content>Compares what is on disk with the purges, so that they can be forgotten.</content>
public sealed partial class DiskStore
{
    /// <summary>Reads the metadata of every record with an older stamp, drops what is purged and raises the stamps of the rest.</summary>
    /// <returns>Purges up to here are not needed any more for what is on disk.</returns>
    /// <remarks>Only for the sweeper. Records that come meanwhile have later stamps, or are dropped when they are read.</remarks>
    public long Sweep(long applied)
    {
        if (_state is not (DiskState.Ready or DiskState.ReadOnly))
        {
            return OldestStamp();
        }

        foreach (DiskEntry entry in _index.Snapshot())
        {
            if (entry.Stamp < applied && !TryCompare(entry, applied))
            {
                _index.Remove(entry);
            }
        }

        return applied;
    }

    private bool TryCompare(in DiskEntry entry, long applied)
    {
        try
        {
            if (_log.TryLease(entry.Segment) is not { } segment)
            {
                return false;
            }

            using DiskRecord? record = DiskRecord.TryOpen(segment, entry);
            if (record is null)
            {
                return false;
            }

            StoredResponse stored = record.Meta.Response;
            PurgeVerdict verdict = _purges.Check(stored.Key.Site, stored.Url, stored.Tags, entry.Stamp);
            if (verdict != PurgeVerdict.Hard)
            {
                _index.RaiseStamp(entry, applied, verdict == PurgeVerdict.Soft);
            }

            return verdict != PurgeVerdict.Hard;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
