using System.Collections.Immutable;

namespace OrleansCdn.Dns.Server;

/// <summary>Counters of one thread; whoever sums them up reads them while they are counted.</summary>
public sealed class ServerCounters
{
    /// <summary>128 octets on either side: no two threads count on one pair of cache lines.</summary>
    private const int Padding = 16;

    private readonly long[] _values = new long[(int)ServerCount.Length + (2 * Padding)];

    public long this[ServerCount count] => Volatile.Read(ref _values[(int)count + Padding]);

    /// <summary>By the owning thread only.</summary>
    internal void Add(ServerCount count, long amount = 1) => _values[(int)count + Padding] += amount;

    /// <summary>By any thread.</summary>
    internal void AddShared(ServerCount count, long amount = 1) => Interlocked.Add(ref _values[(int)count + Padding], amount);

    /// <summary>Adds what another thread has counted, and will count no more.</summary>
    internal void AddAll(ServerCounters other)
    {
        for (ServerCount count = 0; count < ServerCount.Length; count++)
        {
            AddShared(count, other[count]);
        }
    }

    /// <returns>By <see cref="ServerCount"/>.</returns>
    public static ImmutableArray<long> Sum(IEnumerable<ServerCounters> all)
    {
        long[] sums = new long[(int)ServerCount.Length];
        foreach (ServerCounters counters in all)
        {
            for (int i = 0; i < sums.Length; i++)
            {
                sums[i] += counters[(ServerCount)i];
            }
        }

        return [.. sums];
    }
}
