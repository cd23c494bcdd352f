namespace OrleansCdn.Testing;

/// <summary>What code allocates.</summary>
public static class Allocations
{
    /// <summary>A suite that runs beside others collects a few times a second.</summary>
    private const int Tries = 10;

    /// <summary>
    /// Bytes that this thread allocates in <paramref name="work"/>. A collection takes what is left of the thread's allocation context away and counts it
    /// as allocated, up to 8 KiB for nothing, and a background collection does so between two counts of collections; so the least of some tries counts.
    /// </summary>
    /// <param name="work">May be called several times.</param>
    public static long Of(Action work)
    {
        long least = long.MaxValue;
        for (int i = 0; i < Tries && least > 0; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            work();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
