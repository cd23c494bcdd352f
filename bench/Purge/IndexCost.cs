using Microsoft.AspNetCore.Http;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Cache;

namespace OrleansCdn.Bench.Purge;

/// <summary>Hits of one edge before and after as many tag purges as it has objects, and one purge that covers them all.</summary>
internal static class IndexCost
{
    private const string Site = "www";

    /// <summary>Looked up in turn, so that the processor's cache does not hold them all.</summary>
    private const int Asked = 10_000;

    private static readonly HeaderDictionary NoHeaders = [];

    public static void Run(int objects)
    {
        var store = new MemoryStore(long.MaxValue / 4);
        var purges = new PurgeIndex();
        purges.ApplyGap(new PurgeCursor("bench", 0));
        for (int i = 0; i < objects; i++)
        {
            store.Put(Object(i, purges.Applied));
        }

        Console.WriteLine($"{objects:N0} objects, each with the tags 'all' and one of 1,000 others; {Asked:N0} of them are asked for");
        Warm(store, purges);
        Print("a hit", Hits(store, purges), "ns");

        long sequence = 0;
        TimeSpan applied = Time(() =>
        {
            foreach (PurgeEntry[] batch in Enumerable.Range(0, objects).Select(i => Entry(++sequence, $"gone-{i}")).Chunk(1000))
            {
                purges.Apply(new PurgeCursor("bench", batch[^1].Sequence), batch);
            }
        });
        Print($"one of {objects:N0} purges of other tags", applied.TotalNanoseconds / objects, "ns");
        Print("the first hit of an object after them", Hits(store, purges), "ns");
        Print("every further hit", Hits(store, purges), "ns");

        double[] all = new double[101];
        for (int i = 0; i < all.Length; i++)
        {
            PurgeEntry[] one = [Entry(++sequence, "all")];
            all[i] = Time(() => purges.Apply(new PurgeCursor("bench", sequence), one)).TotalNanoseconds;
        }

        Array.Sort(all);
        Print($"a purge of a tag that covers {objects:N0} objects", all[all.Length / 2], "ns");
        int left = Enumerable.Range(0, Asked).Count(i => Find(store, purges, i, objects) != LookupVerdict.Miss);
        Console.WriteLine($"{left} of the {Asked:N0} are still served");
    }

    private static void Warm(MemoryStore store, PurgeIndex purges)
    {
        for (int i = 0; i < 20; i++)
        {
            Hits(store, purges);
        }
    }

    /// <returns>Nanoseconds a hit.</returns>
    private static double Hits(MemoryStore store, PurgeIndex purges)
    {
        int missed = 0;
        TimeSpan time = Time(() =>
        {
            for (int i = 0; i < Asked; i++)
            {
                missed += Find(store, purges, i, store.Count) == LookupVerdict.Fresh ? 0 : 1;
            }
        });
        return missed == 0 ? time.TotalNanoseconds / Asked : throw new InvalidOperationException($"{missed} were not hits");
    }

    private static LookupVerdict Find(MemoryStore store, PurgeIndex purges, int number, long objects) =>
        Lookup.Find(store, purges, Key(number * (objects / Asked)), NoHeaders, now: 1, out _);

    private static CacheKey Key(long number) => new(Site, true, "www.example.net", $"/assets/{number}");

    private static StoredResponse Object(int number, long stamp)
    {
        CacheKey key = Key(number);
        return new StoredResponse
        {
            Key = key, Url = key.Url, Status = 200, Header = ResponseHeader.Empty, VisitorHeader = ResponseHeader.Empty, Body = new CachedBody(new byte[100]),
            Vary = VarySelector.None, Tags = ["all", $"other-{number % 1000}"],
            Storage = new StorageDecision { Reason = NotStoredReason.None, Lifetime = 3600 }, InitialAge = 0, ReceivedAt = 0,
            Stamp = stamp, CheckedAt = stamp,
        };
    }

    private static PurgeEntry Entry(long sequence, string tag) => new() { Sequence = sequence, Site = Site, Kind = PurgeKind.Tag, Value = tag, Soft = false };

    private static TimeSpan Time(Action action)
    {
        long start = TimeProvider.System.GetTimestamp();
        action();
        return TimeProvider.System.GetElapsedTime(start);
    }

    private static void Print(string what, double value, string unit) => Console.WriteLine(FormattableString.Invariant($"{what,-60} {value,10:F1} {unit}"));
}
