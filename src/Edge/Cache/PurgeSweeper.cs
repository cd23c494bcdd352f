using Microsoft.Extensions.Hosting;

namespace OrleansCdn.Edge.Cache;

/// <summary>
/// Gives back the memory of purged objects and of the purges themselves: it compares every stored object with the index
/// once, and then forgets the purges that all have been compared with.
/// </summary>
public sealed class PurgeSweeper(MemoryStore store, ActiveFills fills, PurgeIndex purges, TimeProvider time) : BackgroundService
{
    /// <summary>Purged objects are never served meanwhile; this only bounds how long they hold memory.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private long _swept;

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
        if (applied == _swept)
        {
            return 0;
        }

        // Taken before the walk: a fill that is stored behind the walker's back began at or after this.
        long floor = Math.Min(applied, fills.OldestStamp());
        int removed = 0;
        foreach (StoredResponse response in store.Enumerate())
        {
            switch (purges.Check(response.Key.Site, response.Url, response.Tags, response.Stamp))
            {
                case PurgeVerdict.Hard:
                    store.Remove(response);
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

        purges.Forget(floor);
        _swept = floor;
        return removed;
    }
}
