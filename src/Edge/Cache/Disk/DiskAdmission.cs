namespace OrleansCdn.Edge.Cache.Disk;

internal enum DiskAdmissionVerdict
{
    Write,

    /// <summary>Not worth a write: what the disk has of it is to be confirmed before it is used.</summary>
    MarkStale,

    /// <summary>Not worth a write, and what the disk has is another representation.</summary>
    Drop,
}

/// <summary>
/// What is written: everything that will be of use, when it is stored and not when memory lets it go. A restart is to
/// find what is asked for most, and that never leaves memory.
/// </summary>
internal static class DiskAdmission
{
    public static DiskAdmissionVerdict Decide(StoredResponse response, double now, long capacity)
    {
        if (response.Slices is not null)
        {
            return DiskAdmissionVerdict.Drop; // kept in blocks, of which some may never come
        }

        double left = response.TimeToLive(now);
        if (response.Body.IsOnDisk)
        {
            // Only confirmed: the same bytes are there.
            return left >= DiskLimits.MinRewriteSeconds ? DiskAdmissionVerdict.Write : DiskAdmissionVerdict.MarkStale;
        }

        double useful = left + Math.Max(response.Storage.StaleWhileRevalidate, response.Storage.StaleIfError);
        bool isWorthIt = useful >= DiskLimits.MinUsefulSeconds || response.HasValidator;
        return isWorthIt && response.Body.Length + RecordHeader.Bytes <= DiskLimits.LargestRecord(capacity)
            ? DiskAdmissionVerdict.Write
            : DiskAdmissionVerdict.Drop;
    }
}
