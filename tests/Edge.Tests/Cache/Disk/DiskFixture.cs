using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Cache;
using OrleansCdn.Edge.Cache.Disk;
using OrleansCdn.Edge.Tests.Control;

namespace OrleansCdn.Edge.Tests.Cache.Disk;

/// <summary>An open store with memory and reader before it, without sockets.</summary>
internal sealed class DiskFixture : IDisposable
{
    public static readonly PurgeCursor Begin = new("e", 0);

    private DiskFixture(DiskStore disk, PurgeIndex purges)
    {
        (Disk, Purges) = (disk, purges);
        Reader = new DiskReader(disk, Memory, purges, TimeProvider.System);
    }

    public DiskStore Disk { get; }

    public PurgeIndex Purges { get; }

    public MemoryStore Memory { get; } = new(64 << 20);

    public DiskReader Reader { get; }

    public static async Task<DiskFixture> OpenAsync(string directory, long capacity = 64 << 20, PurgeCursor? saved = null)
    {
        var purges = new PurgeIndex();
        purges.Resume(saved ?? Begin);
        DiskStore disk = DiskStore.TryOpen(directory, capacity, purges, saved ?? Begin, isFirst: true, TimeProvider.System, new ListLogger(), out _)!;
        disk.Start();
        await disk.Loaded;
        return new DiskFixture(disk, purges);
    }

    public static CacheKey Key(string name) => new("s", false, "h", "/" + name);

    public StoredResponse Put(string name, byte[] body)
    {
        KeyValuePair<string, StringValues>[] fields = [new("ETag", $"\"{name}\""), new("X-Name", name)];
        var stored = new StoredResponse
        {
            Key = Key(name),
            Url = Key(name).Url,
            Status = 200,
            Header = new ResponseHeader(fields),
            VisitorHeader = new ResponseHeader(fields),
            Body = Body(body),
            Vary = VarySelector.None,
            Tags = ["t" + name],
            Storage = new StorageDecision { Reason = NotStoredReason.None, Lifetime = 3600 },
            InitialAge = 0,
            ReceivedAt = TimeProvider.System.GetTimestamp() / (double)TimeProvider.System.TimestampFrequency,
            Stamp = Purges.Applied,
            CheckedAt = Purges.Applied,
        };
        Disk.Offer(stored);
        return stored;
    }

    /// <summary>Null when the disk has nothing that may be used.</summary>
    public async Task<byte[]?> GetAsync(string name)
    {
        CacheKey key = Key(name);
        if (!Disk.MayHave(key, out DiskKey hash))
        {
            return null;
        }

        DiskFound found = await Reader.FindAsync(hash, key, new HeaderDictionary());
        using DiskRecord? record = found.Record;
        if (found.Kind == DiskFind.Nothing)
        {
            return null;
        }

        StoredResponse response = found.Response ?? Memory.Enumerate().Single(r => r.Key == key);
        Assert.Equal(name, response.Header["X-Name"].ToString());
        CachedBody? body = record is null ? response.Body : record.TryReadBody();
        if (found.Kind == DiskFind.Promoted)
        {
            Memory.RemovePurged(response);
        }

        return body is null ? null : Bytes(body);
    }

    public Task WrittenAsync() => Eventually.IsTrueAsync(() => Disk.IsIdle);

    public void Purge(PurgeKind kind, string value, bool soft = false)
    {
        PurgeCursor next = Purges.Cursor with { Sequence = Purges.Cursor.Sequence + 1 };
        Purges.Apply(next, [new PurgeEntry { Sequence = next.Sequence, Site = "s", Kind = kind, Value = value, Soft = soft }]);
    }

    public void Dispose()
    {
        Reader.Dispose();
        Disk.Dispose();
    }

    private static CachedBody Body(byte[] bytes)
    {
        var body = new CachedBody(expectedLength: null);
        for (int at = 0; at < bytes.Length;)
        {
            Memory<byte> room = body.GetMemory();
            int some = Math.Min(room.Length, bytes.Length - at);
            bytes.AsMemory(at, some).CopyTo(room);
            body.Advance(some);
            at += some;
        }

        body.Complete();
        return body;
    }

    private static byte[] Bytes(CachedBody body)
    {
        var all = new MemoryStream();
        for (int i = 0; body.CompletePiece(i) is { IsEmpty: false } piece; i++)
        {
            all.Write(piece.Span);
        }

        return all.ToArray();
    }
}
