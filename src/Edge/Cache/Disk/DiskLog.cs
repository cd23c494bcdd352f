using System.Collections.Concurrent;

namespace OrleansCdn.Edge.Cache.Disk;

/// <summary>
/// The segments of the store, oldest first, within its capacity. One thread appends and reclaims; any may lease a segment for
/// reading.
/// </summary>
internal sealed class DiskLog(string directory, long lineage, long capacity) : IDisposable
{
    private readonly ConcurrentDictionary<uint, SegmentFile> _segments = new();
    private SegmentFile? _active;
    private uint _nextId = 1;

    public long SegmentBytes { get; } = DiskLimits.SegmentBytes(capacity);

    /// <summary>Bytes in files.</summary>
    public long Bytes => _segments.Values.Sum(s => s.Length);

    public int SegmentCount => _segments.Count;

    /// <summary>Where the next record will be; everything before it is written.</summary>
    public (uint Segment, long Offset) End => _active is { } active ? (active.Id, active.Length) : (_nextId, 0);

    public IEnumerable<SegmentFile> OldestFirst => _segments.Values.OrderBy(s => s.Id);

    /// <summary>Takes in the files that are there; what is not of this store is deleted.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public void Open()
    {
        foreach (string path in SegmentFile.List(directory))
        {
            if (SegmentFile.Open(path, lineage) is { } segment)
            {
                _segments[segment.Id] = segment;
                _nextId = Math.Max(_nextId, segment.Id + 1);
            }
            else
            {
                File.Delete(path);
            }
        }
    }

    /// <summary>Ids that were ever used are not used again.</summary>
    public void SkipIds(uint upTo) => _nextId = Math.Max(_nextId, upTo + 1);

    public SegmentFile? TryLease(uint id) => _segments.TryGetValue(id, out SegmentFile? segment) && segment.TryLease() ? segment : null;

    public bool TryGet(uint id, out SegmentFile? segment) => _segments.TryGetValue(id, out segment);

    /// <summary>The segment to append a record to: the one in use, or a new one when it is full or of another clock era.</summary>
    /// <param name="reclaim">Called with each segment that has to go first; it may append what is to stay.</param>
    /// <exception cref="IOException">The disk refused.</exception>
    public SegmentFile RoomFor(long bytes, int clockEra, long wall, Action<SegmentFile> reclaim)
    {
        if (_active is { } active && active.ClockEra == clockEra && (active.Length + bytes <= SegmentBytes || active.Length == SegmentFile.HeaderBytes))
        {
            return active;
        }

        SegmentFile opened = SegmentFile.Create(directory, lineage, _nextId++, clockEra, wall);
        _segments[opened.Id] = opened;
        _active = opened;
        long coming = Math.Max(bytes, SegmentBytes);
        while (Bytes - opened.Length + coming > capacity && OldestFirst.First() is { } oldest && oldest != opened)
        {
            reclaim(oldest);
            Drop(oldest);
        }

        return opened;
    }

    /// <summary>To the segment in use, when it has room; null when not.</summary>
    public SegmentFile? ActiveWithRoom(long bytes) => _active is { } active && active.Length + bytes <= SegmentBytes ? active : null;

    public void DropAll()
    {
        _active = null;
        foreach (SegmentFile segment in _segments.Values)
        {
            Drop(segment);
        }
    }

    public void Dispose()
    {
        foreach (SegmentFile segment in _segments.Values)
        {
            segment.Return();
        }

        _segments.Clear();
        _active = null;
    }

    private void Drop(SegmentFile segment)
    {
        if (_segments.TryRemove(segment.Id, out _))
        {
            segment.Return();
            File.Delete(segment.Path);
        }
    }
}
