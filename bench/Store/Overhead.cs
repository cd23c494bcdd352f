using System.Diagnostics;
using Microsoft.Extensions.Primitives;
using OrleansCdn.Edge.Cache;

namespace OrleansCdn.Bench.Store;

/// <summary>Bytes of memory that an object costs, beside those that the store accounts for.</summary>
internal static class Overhead
{
    private const int BodyBytes = 100;

    private static readonly Version Http11 = new(1, 1);

    public static void Run(int objects)
    {
        var store = new MemoryStore(long.MaxValue / 4);
        Add(store, -1);
        long gcBefore = GC.GetTotalMemory(forceFullCollection: true);
        long processBefore = ProcessBytes();
        long accountBefore = store.Bytes;
        for (int i = 0; i < objects; i++)
        {
            Add(store, i);
        }

        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        double gc = (GC.GetTotalMemory(forceFullCollection: true) - gcBefore) / (double)objects;
        double process = (ProcessBytes() - processBefore) / (double)objects;
        double account = (store.Bytes - accountBefore) / (double)objects;
        Console.WriteLine($"{objects:N0} objects with bodies of {BodyBytes} bytes and six fields; bytes an object beside the body");
        Console.WriteLine(FormattableString.Invariant($"managed heap {gc - BodyBytes,8:F0}"));
        Console.WriteLine(FormattableString.Invariant($"process      {process - BodyBytes,8:F0}"));
        Console.WriteLine(FormattableString.Invariant($"accounted    {account - BodyBytes,8:F0}   {100 * ((account / gc) - 1),6:F1} % off the heap, bodies included"));
        GC.KeepAlive(store);
    }

    /// <summary>Values are texts of their own, as they come from a connection, and go the way of an origin's answer; names are those that the client shares.</summary>
    private static void Add(MemoryStore store, int number)
    {
        var header = new ResponseHeader(
        [
            new("Date", Own("Thu, 01 Jan 2026 00:00:00 GMT")),
            new("Content-Type", Own("image/svg+xml")),
            new("Content-Length", Own("100")),
            new("Cache-Control", Own("public, max-age=86400")),
            new("ETag", SharedText.Of($"\"5f3c-{number:x8}\"")),
            new("Last-Modified", Own("Wed, 31 Dec 2025 12:00:00 GMT")),
        ]);
        var body = new CachedBody(BodyBytes);
        _ = body.GetMemory();
        body.Advance(BodyBytes);
        body.Complete();
        string target = $"/assets/icons/set-a/{number}.svg";
        StoredResponse response = SmallObjects.New(target, body, header, VisitorHeaders.Of(header, "example-cdn", Http11));
        store.Put(response);
    }

    private static StringValues Own(string text) => SharedText.Of(new string(text.AsSpan()));

    private static long ProcessBytes()
    {
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}
