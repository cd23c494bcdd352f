namespace OrleansCdn.Edge.Cache;

/// <summary>First-in-first-out list through the responses themselves, with its weight; guarded by the store's lock.</summary>
internal sealed class StoreList
{
    private StoredResponse? _last;

    public StoredResponse? First { get; private set; }

    public int Count { get; private set; }

    public long Bytes { get; private set; }

    public void Append(StoredResponse response, StoreQueue queue)
    {
        response.Queue = queue;
        response.Previous = _last;
        response.Next = null;
        if (_last is null)
        {
            First = response;
        }
        else
        {
            _last.Next = response;
        }

        _last = response;
        Count++;
        Bytes += response.Weight;
    }

    public void Remove(StoredResponse response)
    {
        if (response.Previous is null)
        {
            First = response.Next;
        }
        else
        {
            response.Previous.Next = response.Next;
        }

        if (response.Next is null)
        {
            _last = response.Previous;
        }
        else
        {
            response.Next.Previous = response.Previous;
        }

        response.Previous = response.Next = null;
        Count--;
        Bytes -= response.Weight;
    }
}
