namespace OrleansCdn.Edge.Cache.Disk;

/// <summary>Which record has which variant of which key. All in memory, chained buckets in two arrays; for any number of threads.</summary>
internal sealed class DiskIndex
{
    private const int None = -1;
    private const int LeastPlaces = 1024;

    private readonly Lock _lock = new();
    private int[] _buckets = NewBuckets(LeastPlaces);
    private DiskEntry[] _entries = new DiskEntry[LeastPlaces];
    private int _used;
    private int _free = None;
    private int _count;

    public int Count => Volatile.Read(ref _count);

    /// <summary>The variants of a key, newest first.</summary>
    /// <param name="found">Room for <see cref="DiskLimits.MaxVariants"/>.</param>
    /// <returns>How many there are.</returns>
    public int Find(DiskKey key, Span<DiskEntry> found)
    {
        int count = 0;
        lock (_lock)
        {
            for (int i = _buckets[BucketOf(key)]; i != None; i = _entries[i].Next)
            {
                if (_entries[i].Key == key && count < found.Length)
                {
                    found[count++] = _entries[i];
                }
            }
        }

        found[..count].Sort(static (a, b) => a.IsNewerThan(b) ? -1 : 1);
        return count;
    }

    public bool Contains(DiskKey key)
    {
        lock (_lock)
        {
            for (int i = _buckets[BucketOf(key)]; i != None; i = _entries[i].Next)
            {
                if (_entries[i].Key == key)
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>Whether exactly this record is still the one to use.</summary>
    public bool Contains(in DiskEntry entry)
    {
        lock (_lock)
        {
            return Locate(entry) != None;
        }
    }

    /// <summary>Takes the place of the same variant; the oldest of too many goes.</summary>
    public void Put(DiskEntry entry)
    {
        lock (_lock)
        {
            int same = None;
            int oldest = None;
            int variants = 0;
            for (int i = _buckets[BucketOf(entry.Key)]; i != None; i = _entries[i].Next)
            {
                if (_entries[i].Key != entry.Key)
                {
                    continue;
                }

                variants++;
                same = _entries[i].Variant == entry.Variant ? i : same;
                oldest = oldest == None || _entries[oldest].IsNewerThan(_entries[i]) ? i : oldest;
            }

            if (same != None || variants >= DiskLimits.MaxVariants)
            {
                RemoveAt_NeedsLock(same != None ? same : oldest);
            }

            Add_NeedsLock(entry);
        }
    }

    /// <summary>Whether there was one.</summary>
    public bool Remove(DiskKey key, uint variant) => RemoveWhere(key, (variant, true)) > 0;

    /// <summary>How many there were.</summary>
    public int Remove(DiskKey key) => RemoveWhere(key, (0, false));

    /// <summary>Only this record: a newer one of the same variant stays.</summary>
    public void Remove(in DiskEntry entry)
    {
        lock (_lock)
        {
            int at = Locate(entry);
            if (at != None)
            {
                RemoveAt_NeedsLock(at);
            }
        }
    }

    public void AddFlags(in DiskEntry entry, EntryFlags flags)
    {
        lock (_lock)
        {
            int at = Locate(entry);
            if (at != None)
            {
                _entries[at].Flags |= flags;
            }
        }
    }

    /// <summary>Whether there is such a variant, and it was not marked before.</summary>
    public bool MarkStale(DiskKey key, uint variant)
    {
        lock (_lock)
        {
            for (int i = _buckets[BucketOf(key)]; i != None; i = _entries[i].Next)
            {
                if (_entries[i].Key == key && _entries[i].Variant == variant)
                {
                    bool isNews = (_entries[i].Flags & EntryFlags.Stale) == 0;
                    _entries[i].Flags |= EntryFlags.Stale;
                    return isNews;
                }
            }

            return false;
        }
    }

    /// <summary>Purges up to <paramref name="stamp"/> were compared and do not cover it, or softly.</summary>
    public void RaiseStamp(in DiskEntry entry, long stamp, bool isSoftPurged)
    {
        lock (_lock)
        {
            int at = Locate(entry);
            if (at != None)
            {
                _entries[at].Stamp = Math.Max(_entries[at].Stamp, stamp);
                _entries[at].Flags |= isSoftPurged ? EntryFlags.SoftPurged : EntryFlags.None;
            }
        }
    }

    public void RemoveSegment(uint segment)
    {
        lock (_lock)
        {
            for (int bucket = 0; bucket < _buckets.Length; bucket++)
            {
                for (int i = _buckets[bucket]; i != None;)
                {
                    int next = _entries[i].Next;
                    if (_entries[i].Segment == segment)
                    {
                        RemoveAt_NeedsLock(i);
                    }

                    i = next;
                }
            }
        }
    }

    public void Clear()
    {
        lock (_lock)
        {
            (_buckets, _entries) = (NewBuckets(LeastPlaces), new DiskEntry[LeastPlaces]);
            (_used, _free, _count) = (0, None, 0);
        }
    }

    /// <summary>All entries, in no order.</summary>
    public DiskEntry[] Snapshot()
    {
        lock (_lock)
        {
            var all = new DiskEntry[_count];
            int at = 0;
            foreach (int first in _buckets)
            {
                for (int i = first; i != None; i = _entries[i].Next)
                {
                    all[at++] = _entries[i];
                }
            }

            return all;
        }
    }

    /// <summary>Some entries, without holding the lock for all: what comes or goes meanwhile may or may not be among them.</summary>
    /// <param name="from">0, then what the last call returned.</param>
    /// <param name="to">Takes the entries.</param>
    /// <param name="count">How many there were.</param>
    /// <returns>Where to go on; null: that was all.</returns>
    public int? Slice(int from, Span<DiskEntry> to, out int count)
    {
        count = 0;
        lock (_lock)
        {
            int i = from;
            for (; i < _used && count < to.Length; i++)
            {
                // A free place has no record.
                if (_entries[i].Length > 0)
                {
                    to[count++] = _entries[i];
                }
            }

            return i < _used ? i : null;
        }
    }

    /// <summary><see cref="long.MaxValue"/> when there is none.</summary>
    public long OldestStamp()
    {
        lock (_lock)
        {
            long oldest = long.MaxValue;
            foreach (int first in _buckets)
            {
                for (int i = first; i != None; i = _entries[i].Next)
                {
                    oldest = Math.Min(oldest, _entries[i].Stamp);
                }
            }

            return oldest;
        }
    }

    private int RemoveWhere(DiskKey key, (uint Variant, bool Only) which)
    {
        lock (_lock)
        {
            int removed = 0;
            for (int i = _buckets[BucketOf(key)]; i != None;)
            {
                int next = _entries[i].Next;
                if (_entries[i].Key == key && (!which.Only || _entries[i].Variant == which.Variant))
                {
                    RemoveAt_NeedsLock(i);
                    removed++;
                }

                i = next;
            }

            return removed;
        }
    }

    private int Locate(in DiskEntry entry)
    {
        for (int i = _buckets[BucketOf(entry.Key)]; i != None; i = _entries[i].Next)
        {
            if (_entries[i].Key == entry.Key && _entries[i].IsAt(entry.Segment, entry.Offset))
            {
                return i;
            }
        }

        return None;
    }

    private void Add_NeedsLock(DiskEntry entry)
    {
        int at;
        if (_free != None)
        {
            at = _free;
            _free = _entries[at].Next;
        }
        else
        {
            if (_used == _entries.Length)
            {
                Grow_NeedsLock();
            }

            at = _used++;
        }

        int bucket = BucketOf(entry.Key);
        entry.Next = _buckets[bucket];
        _entries[at] = entry;
        _buckets[bucket] = at;
        _count++;
    }

    private void RemoveAt_NeedsLock(int at)
    {
        int bucket = BucketOf(_entries[at].Key);
        if (_buckets[bucket] == at)
        {
            _buckets[bucket] = _entries[at].Next;
        }
        else
        {
            int before = _buckets[bucket];
            while (_entries[before].Next != at)
            {
                before = _entries[before].Next;
            }

            _entries[before].Next = _entries[at].Next;
        }

        _entries[at] = new DiskEntry { Next = _free };
        _free = at;
        _count--;
    }

    /// <summary>Called with every place taken: each entry is in a bucket.</summary>
    private void Grow_NeedsLock()
    {
        Array.Resize(ref _entries, _entries.Length * 2);
        _buckets = NewBuckets(_entries.Length);
        for (int i = 0; i < _used; i++)
        {
            int bucket = BucketOf(_entries[i].Key);
            _entries[i].Next = _buckets[bucket];
            _buckets[bucket] = i;
        }
    }

    /// <summary>The key is a cryptographic hash already.</summary>
    private int BucketOf(DiskKey key) => (int)(key.Low & (uint)(_buckets.Length - 1));

    private static int[] NewBuckets(int count)
    {
        int[] buckets = new int[count];
        Array.Fill(buckets, None);
        return buckets;
    }
}
