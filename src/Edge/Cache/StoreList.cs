namespace OrleansCdn.Edge.Cache;

/// <summary>First-in-first-out list through the entries themselves, with its weight; guarded by the store's lock.</summary>
internal sealed class StoreList
{
    private StoreEntry? _last;

    public StoreEntry? First { get; private set; }

    public int Count { get; private set; }

    public long Bytes { get; private set; }

    public void Append(StoreEntry entry, StoreQueue queue)
    {
        entry.Queue = queue;
        entry.Previous = _last;
        entry.Next = null;
        if (_last is null)
        {
            First = entry;
        }
        else
        {
            _last.Next = entry;
        }

        _last = entry;
        Count++;
        Bytes += entry.Weight;
    }

    /// <summary>An entry of this list has grown or shrunk.</summary>
    public void Reweigh(StoreEntry entry, long weight)
    {
        Bytes += weight - entry.Weight;
        entry.Weight = weight;
    }

    public void Remove(StoreEntry entry)
    {
        if (entry.Previous is null)
        {
            First = entry.Next;
        }
        else
        {
            entry.Previous.Next = entry.Next;
        }

        if (entry.Next is null)
        {
            _last = entry.Previous;
        }
        else
        {
            entry.Next.Previous = entry.Previous;
        }

        entry.Previous = entry.Next = null;
        Count--;
        Bytes -= entry.Weight;
    }
}
