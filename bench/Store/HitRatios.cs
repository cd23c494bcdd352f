using Microsoft.AspNetCore.Http;
using OrleansCdn.Edge.Cache;

namespace OrleansCdn.Bench.Store;

/// <summary>The share of requests that memory answers, by policy; the first quarter of each trace warms up and does not count.</summary>
internal static class HitRatios
{
    private const int Universe = 1_000_000;

    private static readonly HeaderDictionary NoFields = [];

    public static void Run(int requests)
    {
        Console.WriteLine($"{Universe:N0} objects of 100 bytes, {requests:N0} requests, seed {Traces.Seed}; hits in %");
        Console.WriteLine($"{"trace",-18} {"size",6} {"store",7} {"LRU",7} {"FIFO",7} {"ideal",7}");
        string[] targets = [.. Enumerable.Range(0, Universe + requests).Select(i => "/object/" + i)];
        foreach (double alpha in (double[])[1.0, 0.8])
        {
            int[] zipf = Traces.Zipf(Universe, alpha, requests);
            string name = FormattableString.Invariant($"zipf {alpha:F1}");
            Compare(name, zipf, targets);
            if (alpha == 1.0)
            {
                Compare(name + " + scans", Traces.WithScans(zipf, Universe), targets);
            }
        }
    }

    private static void Compare(string name, int[] trace, string[] targets)
    {
        int warmUp = trace.Length / 4;
        double counted = (trace.Length - warmUp) / 100.0;
        foreach (int capacity in (int[])[Universe / 1000, Universe / 100, Universe / 10])
        {
            Console.WriteLine(FormattableString.Invariant(
                $"{name,-18} {100.0 * capacity / Universe,5:F1}% {OfStore(trace, targets, capacity, warmUp) / counted,7:F2} {Policies.Lru(trace, capacity, warmUp) / counted,7:F2} {Policies.Fifo(trace, capacity, warmUp) / counted,7:F2} {Policies.Ideal(trace, capacity, warmUp) / counted,7:F2}"));
        }
    }

    /// <summary>By the calls that a request makes; the store pays for its ghosts out of the same bytes.</summary>
    private static int OfStore(int[] trace, string[] targets, int capacity, int warmUp)
    {
        byte[] body = new byte[100];
        var store = new MemoryStore(capacity * SmallObjects.New("/object/500000", new CachedBody(body), ResponseHeader.Empty, ResponseHeader.Empty).ComputeWeight());
        int hits = 0;
        for (int i = 0; i < trace.Length; i++)
        {
            string target = targets[trace[i]];
            if (store.TryGet(SmallObjects.Key(target), out CachedResource? resource) && resource.Select(NoFields) is { } found)
            {
                MemoryStore.Touch(found);
                hits += i >= warmUp ? 1 : 0;
            }
            else
            {
                store.Put(SmallObjects.New(target, new CachedBody(body), ResponseHeader.Empty, ResponseHeader.Empty));
            }
        }

        return hits;
    }
}
