using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;

namespace OrleansCdn.Edge.Cache.Disk;

/// <summary>What the disk has for a request.</summary>
internal enum DiskFind
{
    Nothing,

    /// <summary>It is in memory now: look there.</summary>
    Promoted,

    /// <summary>Fresh, and too large to move: to be sent from disk.</summary>
    Record,
}

/// <param name="Response">With <see cref="DiskFind.Record"/>: all but the body.</param>
/// <param name="Record">With <see cref="DiskFind.Record"/>: the caller's, to be disposed of.</param>
internal readonly record struct DiskFound(DiskFind Kind, StoredResponse? Response = null, DiskRecord? Record = null);

/// <summary>One variant on disk, for people.</summary>
/// <param name="Response">All but the body.</param>
internal sealed record DiskPeek(StoredResponse Response, long BodyBytes, PurgeVerdict Verdict);

/// <param name="Response">All but the body, with times of the process that wrote it: for its key, URL and tags.</param>
/// <param name="Stamp">Purges that it was compared with.</param>
internal readonly record struct DiskSeen(StoredResponse Response, long BodyBytes, long Stamp);

/// <param name="Next">Where to go on; null: that was all.</param>
internal sealed record DiskLook(List<DiskSeen> Seen, int? Next);

/// <summary>Reads what memory does not have. A record is moved to memory once, however many ask for it at a time.</summary>
internal sealed class DiskReader(DiskStore disk, MemoryStore memory, PurgeIndex purges, TimeProvider time) : IDisposable
{
    private readonly ConcurrentDictionary<(uint Segment, uint Offset), Task<DiskFound>> _moves = new();
    private readonly long _promoteBytes = DiskLimits.PromoteBytes(memory.CapacityBytes);

    private readonly DiskReadThreads _threads = new();

    /// <param name="confirmBefore">As with <see cref="Lookup.Find"/>.</param>
    public async Task<DiskFound> FindAsync(DiskKey hash, CacheKey key, IHeaderDictionary request, double confirmBefore = double.NegativeInfinity)
    {
        var entries = new DiskEntry[DiskLimits.MaxVariants];
        int count = disk.Index.Find(hash, entries);
        for (int i = 0; i < count; i++)
        {
            DiskFound found = await TryAsync(entries[i], key, request, confirmBefore).ConfigureAwait(false);
            if (found.Kind != DiskFind.Nothing)
            {
                return found;
            }
        }

        return default;
    }

    /// <summary>False when the piece is damaged or cannot be read now; its record is dropped when it is damaged.</summary>
    public async Task<bool> TryReadPieceAsync(DiskRecord record, int piece, Memory<byte> to)
    {
        object? read = await ReadAsync(record.Entry, () => record.TryReadPiece(piece, to.Span) ? record : null, static () => { }).ConfigureAwait(false);
        return read is not null;
    }

    /// <summary>
    /// All variants of a key, in the order in which requests try them: their metadata alone, and nothing is changed by it. Those
    /// that cannot be read are left out. Null: too much waits for the disk.
    /// </summary>
    public Task<List<DiskPeek>>? TryPeek(DiskKey hash, CacheKey key) => _threads.TryRun(() => Peek(hash, key));

    /// <summary>The metadata of some records, for who looks through all of them. Null: too much waits for the disk.</summary>
    /// <param name="from">0, then <see cref="DiskLook.Next"/> of the last look.</param>
    public Task<DiskLook>? TryLook(int from) => _threads.TryRun(() => Look(from));

    public void Dispose() => _threads.Dispose();

    private DiskLook Look(int from)
    {
        var entries = new DiskEntry[DiskLimits.RecordsPerLook];
        int? next = disk.Index.Slice(from, entries, out int count);
        var seen = new List<DiskSeen>(count);
        foreach (DiskEntry entry in entries.AsSpan(0, count))
        {
            if (disk.TryLease(entry.Segment) is not { } segment)
            {
                continue;
            }

            try
            {
                using DiskRecord? record = DiskRecord.TryOpen(segment, entry);
                if (record is not null)
                {
                    seen.Add(new DiskSeen(record.Meta.Response, record.BodyLength, entry.Stamp));
                }
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException or ObjectDisposedException)
            {
                // Whoever asks for it finds out, and drops it.
            }
        }

        return new DiskLook(seen, next);
    }

    private List<DiskPeek> Peek(DiskKey hash, CacheKey key)
    {
        var entries = new DiskEntry[DiskLimits.MaxVariants];
        int count = disk.Index.Find(hash, entries);
        List<DiskPeek> found = [];
        foreach (DiskEntry entry in entries.AsSpan(0, count))
        {
            if (disk.TryLease(entry.Segment) is not { } segment)
            {
                continue;
            }

            try
            {
                using DiskRecord? record = DiskRecord.TryOpen(segment, entry);
                if (record is not null && record.Meta.Response is var stored && stored.Key == key)
                {
                    long applied = purges.Applied;
                    PurgeVerdict verdict = purges.Check(key.Site, stored.Url, stored.Tags, entry.Stamp);
                    StoredResponse revived = DiskRevival.Of(
                        record, disk.Run, disk.Clock, time.MonotonicSeconds(), verdict == PurgeVerdict.Soft, applied);
                    found.Add(new DiskPeek(revived, record.BodyLength, verdict));
                }
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException or ObjectDisposedException)
            {
                // Whoever asks for it finds out, and drops it.
            }
        }

        return found;
    }

    private async Task<DiskFound> TryAsync(DiskEntry entry, CacheKey key, IHeaderDictionary request, double confirmBefore)
    {
        // Whoever comes while it is being moved waits for that, and then looks whether it is the right variant.
        if (_moves.TryGetValue((entry.Segment, entry.Offset), out Task<DiskFound>? move))
        {
            return await move.ConfigureAwait(false) is { Kind: DiskFind.Promoted, Response: { } moved } && moved.Vary.Matches(request)
                ? new DiskFound(DiskFind.Promoted)
                : default;
        }

        if (disk.TryLease(entry.Segment) is not { } segment)
        {
            return default;
        }

        DiskRecord? record = await ReadAsync(entry, () => DiskRecord.TryOpen(segment, entry), segment.Return).ConfigureAwait(false);
        if (record is null)
        {
            return default;
        }

        StoredResponse found = record.Meta.Response;
        if (found.Key != key || !found.Vary.Matches(request) || !IsUsable(record, out StoredResponse? response))
        {
            record.Dispose();
            return default;
        }

        // What has to be confirmed first goes to memory, where a fill finds it.
        if (response.IsFresh(time.MonotonicSeconds()) && response.ConfirmedAt >= confirmBefore && record.BodyLength > _promoteBytes)
        {
            disk.Index.AddFlags(entry, EntryFlags.Hit);
            return new DiskFound(DiskFind.Record, response, record);
        }

        return await MoveAsync(entry, record, response).ConfigureAwait(false);
    }

    private async Task<DiskFound> MoveAsync(DiskEntry entry, DiskRecord record, StoredResponse response)
    {
        var done = new TaskCompletionSource<DiskFound>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!_moves.TryAdd((entry.Segment, entry.Offset), done.Task))
        {
            record.Dispose();
            return _moves.TryGetValue((entry.Segment, entry.Offset), out Task<DiskFound>? move) ? await move.ConfigureAwait(false) : default;
        }

        DiskFound found = default;
        try
        {
            found = await PromoteAsync(entry, record, response).ConfigureAwait(false);
            return found;
        }
        finally
        {
            _moves.TryRemove((entry.Segment, entry.Offset), out _);
            done.TrySetResult(found);
            record.Dispose();
        }
    }

    private async Task<DiskFound> PromoteAsync(DiskEntry entry, DiskRecord record, StoredResponse response)
    {
        if (!memory.TryReserve(record.BodyLength))
        {
            return default;
        }

        CachedBody? body;
        try
        {
            body = await ReadAsync(entry, record.TryReadBody, static () => { }).ConfigureAwait(false);
        }
        finally
        {
            memory.Release(record.BodyLength);
        }

        if (body is null)
        {
            return default;
        }

        body.IsOnDisk = true;
        StoredResponse whole = DiskRevival.WithBody(response, body);
        if (!memory.TryPromote(whole))
        {
            return new DiskFound(DiskFind.Promoted, whole); // something newer is there already: that counts
        }

        disk.Index.AddFlags(entry, EntryFlags.Hit);
        if (!disk.IsCurrent(entry))
        {
            // Invalidated or replaced while it was read. Whoever does that after this look finds it in memory.
            memory.RemovePurged(whole);
            return default;
        }

        return new DiskFound(DiskFind.Promoted, whole);
    }

    private bool IsUsable(DiskRecord record, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out StoredResponse? response)
    {
        StoredResponse stored = record.Meta.Response;
        long applied = purges.Applied;
        PurgeVerdict verdict = purges.Check(stored.Key.Site, stored.Url, stored.Tags, record.Entry.Stamp);
        if (verdict == PurgeVerdict.Hard)
        {
            disk.Index.Remove(record.Entry);
            response = null;
            return false;
        }

        response = DiskRevival.Of(record, disk.Run, disk.Clock, time.MonotonicSeconds(), verdict == PurgeVerdict.Soft, applied);
        return true;
    }

    /// <summary>Null when it is damaged, the disk does not read, or too much waits for it already.</summary>
    private async Task<T?> ReadAsync<T>(DiskEntry entry, Func<T?> read, Action notStarted)
        where T : class
    {
        if (_threads.TryRun(read) is not { } reading)
        {
            notStarted();
            return null;
        }

        try
        {
            T? result = await reading.ConfigureAwait(false);
            if (result is null)
            {
                disk.DropDamaged(entry, "a checksum does not hold");
            }

            return result;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            disk.DropDamaged(entry, error.Message);
            return null;
        }
    }
}
