namespace OrleansCdn.Edge.Cache.Disk;

/// <summary>
/// Walks the record headers of a segment from a place on. It ends at the first that is none: behind a torn or damaged header
/// no record can be found. Metadata and bodies are checked when they are read.
/// </summary>
internal sealed class SegmentScan(SegmentFile segment, long offset)
{
    /// <summary>Read at once while records are small; larger bodies are skipped.</summary>
    private const int WindowBytes = 256 * 1024;

    private readonly byte[] _window = new byte[WindowBytes];
    private long _windowStart;
    private int _windowLength;

    /// <summary>Of the record that <see cref="TryNext"/> found.</summary>
    public long Offset { get; private set; }

    /// <summary>Where the next record begins, or nothing does any more.</summary>
    public long End { get; private set; } = Math.Max(offset, SegmentFile.HeaderBytes);

    /// <exception cref="IOException">The disk refused.</exception>
    public bool TryNext(out RecordHeader header)
    {
        Offset = End;
        if (!RecordHeader.TryRead(Peek(RecordHeader.Bytes), segment.Id, Offset, out header) || Offset + header.TotalLength > segment.Length)
        {
            return false;
        }

        End = Offset + header.TotalLength;
        return true;
    }

    /// <summary>Bytes at <see cref="Offset"/>; fewer at the file's end.</summary>
    private ReadOnlySpan<byte> Peek(int length)
    {
        if (Offset < _windowStart || Offset + length > _windowStart + _windowLength)
        {
            _windowStart = Offset;
            _windowLength = segment.Read(_window, Offset);
        }

        int from = (int)(Offset - _windowStart);
        return _window.AsSpan(from, Math.Min(length, _windowLength - from));
    }
}
