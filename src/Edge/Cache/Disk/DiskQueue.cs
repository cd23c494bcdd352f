using System.Collections.Concurrent;

namespace OrleansCdn.Edge.Cache.Disk;

/// <summary>One thing for the writer to do; exactly the members that belong to <see cref="Kind"/> are set.</summary>
/// <param name="Response">With <see cref="RecordKind.Object"/>.</param>
internal readonly record struct DiskWork(RecordKind Kind, DiskKey Key, uint Variant, StoredResponse? Response)
{
    public long Bytes => Response?.Body.Length ?? 0;
}

/// <summary>What waits to be written, in its order and within its bounds. One reader.</summary>
internal sealed class DiskQueue : IDisposable
{
    private readonly BlockingCollection<DiskWork> _works = [];

    // Keys with a mark on its way: what the index says about them meanwhile is not believed.
    private readonly ConcurrentDictionary<DiskKey, int> _marked = new();
    private readonly ConcurrentDictionary<DiskKey, int> _objects = new();
    private long _bytes;
    private int _marks;

    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Everything that was added is done.</summary>
    public bool IsIdle => _marked.IsEmpty && _objects.IsEmpty;

    public bool IsMarked(DiskKey key) => !_marked.IsEmpty && _marked.ContainsKey(key);

    /// <summary>Whether a response with that key waits.</summary>
    public bool HasObject(DiskKey key) => !_objects.IsEmpty && _objects.ContainsKey(key);

    /// <summary>False: too much waits already.</summary>
    public bool TryAddObject(DiskKey key, uint variant, StoredResponse response)
    {
        long size = response.Body.Length;
        if (Interlocked.Add(ref _bytes, size) > DiskLimits.MaxPendingBytes && size != Bytes)
        {
            Interlocked.Add(ref _bytes, -size);
            return false;
        }

        Count(_objects, key);
        return TryAdd(new DiskWork(RecordKind.Object, key, variant, response));
    }

    /// <summary>False: so many wait that the disk must have stopped.</summary>
    public bool TryAddMark(RecordKind kind, DiskKey key, uint variant)
    {
        if (Interlocked.Increment(ref _marks) > DiskLimits.MaxPendingMarks)
        {
            Interlocked.Decrement(ref _marks);
            return false;
        }

        Count(_marked, key);
        return TryAdd(new DiskWork(kind, key, variant, null));
    }

    /// <summary>Waits; false at the end, when everything was taken.</summary>
    public bool TryTake(out DiskWork work, TimeSpan wait)
    {
        if (!_works.TryTake(out work, wait))
        {
            return false;
        }

        Interlocked.Add(ref _bytes, -work.Bytes);
        return true;
    }

    public bool IsCompleted => _works.IsCompleted;

    /// <summary>The writer has dealt with it.</summary>
    public void Done(in DiskWork work)
    {
        if (work.Kind == RecordKind.Object)
        {
            Uncount(_objects, work.Key);
        }
        else
        {
            Interlocked.Decrement(ref _marks);
            Uncount(_marked, work.Key);
        }
    }

    /// <summary>Takes no more.</summary>
    public void Complete() => _works.CompleteAdding();

    public void Dispose() => _works.Dispose();

    private static void Count(ConcurrentDictionary<DiskKey, int> keys, DiskKey key) => keys.AddOrUpdate(key, 1, static (_, count) => count + 1);

    private static void Uncount(ConcurrentDictionary<DiskKey, int> keys, DiskKey key)
    {
        if (keys.AddOrUpdate(key, 0, static (_, count) => count - 1) == 0)
        {
            keys.TryRemove(new KeyValuePair<DiskKey, int>(key, 0));
        }
    }

    private bool TryAdd(DiskWork work)
    {
        try
        {
            _works.Add(work);
            return true;
        }
        catch (InvalidOperationException)
        {
            return true; // closed: the process ends
        }
    }
}
