using System.Globalization;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Cache.Disk;

namespace OrleansCdn.Edge.Cache.Coverage;

/// <summary>
/// Looks through what is stored for what a purge or a tag covers: memory without any lock, the disk's index in slices and the
/// metadata of its records. Nothing is kept and no order of eviction changes. What is not looked at in time is said.
/// </summary>
public sealed class CoverageReader
{
    /// <summary>A walk is a core's work while it lasts.</summary>
    private const int MaxAtATime = 4;

    /// <summary>Stored responses between two looks at the clock: some milliseconds.</summary>
    private const int Slice = 1024;

    /// <summary>A silo waits five seconds for an edge; half a million objects in memory took 1.2 to 1.4 s on two busy cores.</summary>
    private static readonly TimeSpan MemoryPatience = TimeSpan.FromSeconds(2);

    /// <summary>As long as that leaves. A record on disk costs a read of a page.</summary>
    private static readonly TimeSpan DiskPatience = TimeSpan.FromSeconds(2);

    private readonly EdgeState _state;
    private readonly MemoryStore _store;
    private readonly DiskStore? _disk;
    private readonly DiskReader? _reader;
    private readonly TimeProvider _time;
    private int _walks;

    /// <param name="reader">Of <paramref name="disk"/>; both or none.</param>
    internal CoverageReader(EdgeState state, MemoryStore store, DiskStore? disk, DiskReader? reader, TimeProvider time) =>
        (_state, _store, _disk, _reader, _time) = (state, store, disk, reader, time);

    /// <summary>Answers for whatever arrives, within four seconds; never on the caller's thread.</summary>
    public Task<Contracts.Api.Coverage> ReadAsync(CoverageQuestion question) => Task.Run(async () =>
    {
        if (Interlocked.Increment(ref _walks) > MaxAtATime)
        {
            Interlocked.Decrement(ref _walks);
            return new Contracts.Api.Coverage
            {
                Memory = new CoverageTally.Tier().Result(_store.Count, isComplete: false),
                Note = string.Create(CultureInfo.InvariantCulture, $"not looked at: {MaxAtATime} such questions are being answered already"),
            };
        }

        try
        {
            return await WalkAsync(question).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _walks);
        }
    });

    private async Task<Contracts.Api.Coverage> WalkAsync(CoverageQuestion question)
    {
        PurgeCursor cursor = _state.Purges.Cursor;
        var tally = new CoverageTally(question, _state.Snapshot, _state.Purges);
        bool isMemoryDone = await WalkMemoryAsync(tally).ConfigureAwait(false);
        (bool isDiskDone, string? note) = await WalkDiskAsync(tally).ConfigureAwait(false);
        bool wasDiskRead = _disk is not null && (note is null || tally.Disk.Looked > 0);
        return new Contracts.Api.Coverage
        {
            Memory = tally.Memory.Result(isMemoryDone ? tally.Memory.Looked : _store.Count, isMemoryDone),
            Disk = wasDiskRead ? tally.Disk.Result(isDiskDone ? tally.Disk.Looked : _disk!.Count, isDiskDone) : null,
            Note = note,
            Tags = tally.Tags.Top(),
            TagCount = tally.Tags.Count,
            Candidates = tally.Candidates?.Found,
            Named = tally.Candidates?.Named ?? [],
            IsTagCountLeast = question.Kind is null && (tally.Tags.IsFull || !isMemoryDone || !isDiskDone),
            PurgeCursor = cursor,
        };
    }

    private async Task<bool> WalkMemoryAsync(CoverageTally tally)
    {
        long started = _time.GetTimestamp();
        double now = _time.MonotonicSeconds();
        foreach (StoredResponse stored in _store.Enumerate())
        {
            tally.Add(tally.Memory, stored, stored.Slices?.HeldBytes ?? stored.Body.Length, stored.Stamp, stored.IsFresh(now));
            if (tally.Memory.Looked % Slice == 0)
            {
                if (_time.GetElapsedTime(started) > MemoryPatience)
                {
                    return false;
                }

                await Task.Yield();
            }
        }

        return true;
    }

    private async Task<(bool IsDone, string? Note)> WalkDiskAsync(CoverageTally tally)
    {
        if (_disk is null || _reader is null)
        {
            return (true, null);
        }

        EdgeDisk report = _disk.Report(hits: 0);
        if (report.State is not (EdgeDiskState.Open or EdgeDiskState.ReadOnly))
        {
            return (false, report.State == EdgeDiskState.Opening ? $"the disk is not served yet: {report.Reason}" : $"the disk is not used: {report.Reason}");
        }

        long started = _time.GetTimestamp();
        for (int? at = 0; at is { } from;)
        {
            TimeSpan left = DiskPatience - _time.GetElapsedTime(started);
            if (left <= TimeSpan.Zero)
            {
                return (false, null);
            }

            if (_reader.TryLook(from) is not { } looking)
            {
                return (false, "the disk was not read to the end: too many requests wait for it");
            }

            try
            {
                DiskLook look = await looking.WaitAsync(left, _time).ConfigureAwait(false);
                foreach (DiskSeen seen in look.Seen)
                {
                    tally.Add(tally.Disk, seen.Response, seen.BodyBytes, seen.Stamp);
                }

                at = look.Next;
            }
            catch (TimeoutException)
            {
                return (false, "the disk was not read to the end: it does not answer");
            }
        }

        return (true, null);
    }
}
