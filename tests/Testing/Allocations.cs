namespace OrleansCdn.Testing;

/// <summary>What code allocates.</summary>
public static class Allocations
{
    /// <summary>A suite that runs beside others collects a few times a second; so many undisturbed tries in a row without luck are a fault.</summary>
    private const int MaxTries = 200;

    /// <summary>
    /// Bytes that this thread allocates in <paramref name="work"/>. A collection takes what is left of the thread's allocation context away and counts it
    /// as allocated, up to 8 KiB for nothing; so work that one fell into is done again.
    /// </summary>
    /// <param name="work">May be called several times.</param>
    public static long Of(Action work)
    {
        for (int i = 0; i < MaxTries; i++)
        {
            int collections = GC.CollectionCount(0);
            long before = GC.GetAllocatedBytesForCurrentThread();
            work();
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            if (GC.CollectionCount(0) == collections)
            {
                return allocated;
            }
        }

        throw new InvalidOperationException($"a collection fell into each of {MaxTries} tries");
    }
}
