namespace OrleansCdn.Edge.Cache.Disk;

/// <summary>Makes a stored response of a record: its age goes on where it was, also across restarts.</summary>
internal static class DiskRevival
{
    /// <summary>With an empty body.</summary>
    /// <param name="run">This process.</param>
    /// <param name="now">Monotonic seconds.</param>
    /// <param name="applied">What its stamp was compared with.</param>
    public static StoredResponse Of(DiskRecord record, long run, DiskClock clock, double now, bool isSoftPurged, long applied)
    {
        StoredResponse stored = record.Meta.Response;
        double? elapsed = record.Meta.Run == run
            ? Math.Max(0, now - stored.ReceivedAt)
            : clock.Elapsed(record.Meta.ClockEra, record.Meta.ReceivedWall, now);
        bool isStale = elapsed is null || (record.Entry.Flags & EntryFlags.Stale) != 0;
        // An age that is not known is the highest there is: nothing but its validators can be used.
        double age = isStale ? CacheDirectives.MaxSeconds : Math.Min(stored.InitialAge + elapsed!.Value, CacheDirectives.MaxSeconds);
        StoredResponse revived = Copy(stored, stored.Body, age, now);
        revived.CheckedAt = applied;
        if (isSoftPurged || (record.Entry.Flags & EntryFlags.SoftPurged) != 0)
        {
            revived.SoftPurgedAt = now;
        }

        return revived;
    }

    public static StoredResponse WithBody(StoredResponse response, CachedBody body)
    {
        StoredResponse whole = Copy(response, body, response.InitialAge, response.ReceivedAt);
        (whole.CheckedAt, whole.SoftPurgedAt) = (response.CheckedAt, response.SoftPurgedAt);
        return whole;
    }

    private static StoredResponse Copy(StoredResponse from, CachedBody body, double initialAge, double receivedAt) => new()
    {
        Key = from.Key,
        Url = from.Url,
        Status = from.Status,
        Header = from.Header,
        VisitorHeader = from.VisitorHeader,
        Body = body,
        Vary = from.Vary,
        Tags = from.Tags,
        Storage = from.Storage,
        Source = from.Source?.ReadFromDisk(),
        InitialAge = initialAge,
        ReceivedAt = receivedAt,
        Stamp = from.Stamp,
        CheckedAt = from.CheckedAt,
    };
}
