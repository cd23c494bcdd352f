using Microsoft.Extensions.Hosting;
using OrleansCdn.Edge.Cache.Disk;

namespace OrleansCdn.Edge.Cache;

/// <summary>
/// Gives back the memory of purged objects and of the purges themselves: it compares every stored object with the index
/// once, and then forgets the purges that all have been compared with.
/// </summary>
public sealed class PurgeSweeper(MemoryStore store, ActiveFills fills, PurgeIndex purges, TimeProvider time, DiskStore? disk = null) : BackgroundService
{
    /// <summary>Purged objects are never served meanwhile; this only bounds how long they hold memory.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    /// <summary>Stamp of the oldest record on disk; <see cref="long.MaxValue"/>: there is none.</summary>
    internal Func<long> OldestOnDisk { private get; init; } = disk is null ? static () => long.MaxValue : disk.OldestStamp;

    private long _swept;
    private long _forgotten;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            Sweep();
        }
    }

    /// <summary>Number of objects removed.</summary>
    public int Sweep()
    {
        long applied = purges.Applied;
        int removed = applied == _swept ? 0 : SweepMemory(applied);
        if (_swept > _forgotten && Math.Min(_swept, NeededByDisk()) is var floor && floor > _forgotten)
        {
            purges.Forget(floor);
            _forgotten = floor;
        }

        return removed;
    }

    private int SweepMemory(long applied)
    {
        // Taken before the walk: a fill that is stored behind the walker's back began at or after this.
        long floor = Math.Min(applied, fills.OldestStamp());
        int removed = 0;
        foreach (StoredResponse response in store.Enumerate())
        {
            switch (purges.Check(response.Key.Site, response.Url, response.Tags, response.Stamp))
            {
                case PurgeVerdict.Hard:
                    store.RemovePurged(response);
                    removed++;
                    break;
                case PurgeVerdict.Clear:
                    response.Stamp = Math.Max(response.Stamp, applied);
                    break;
                default:
                    // Soft: marked here, so that the index may forget it.
                    if (double.IsNaN(response.SoftPurgedAt))
                    {
                        response.SoftPurgedAt = time.MonotonicSeconds();
                    }

                    response.Stamp = Math.Max(response.Stamp, applied);
                    break;
            }
        }

        _swept = floor;
        return removed;
    }

    /// <summary>Purges up to here need not be remembered for what is on disk.</summary>
    private long NeededByDisk()
    {
        // Records are compared when they are read. Only when too many purges are remembered for them is the disk walked.
        return disk is not null && (purges.Count > DiskLimits.MaxRememberedPurges || purges.IsCrowded) ? disk.Sweep(_swept) : OldestOnDisk();
    }
}
