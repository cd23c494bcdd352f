namespace OrleansCdn.Edge.Cache.Disk;

/// <summary>One response on disk, its metadata checked; its body is checked piece by piece. Holds the segment until it is disposed of.</summary>
internal sealed class DiskRecord : IDisposable
{
    private readonly SegmentFile _segment;
    private readonly byte[] _first;
    private readonly int _firstLength;

    private DiskRecord(SegmentFile segment, DiskEntry entry, RecordHeader header, RecordMeta meta, byte[] first, int firstLength)
    {
        (_segment, Entry, Header, Meta, _first, _firstLength) = (segment, entry, header, meta, first, firstLength);
    }

    public DiskEntry Entry { get; }

    public RecordHeader Header { get; }

    public RecordMeta Meta { get; }

    public long BodyLength => Header.BodyLength;

    public int PieceCount => Meta.PieceCrcs.Length;

    /// <summary>Null when the record is damaged, or not the one that the entry means.</summary>
    /// <param name="segment">Leased; the lease passes to the record, or is returned.</param>
    /// <exception cref="IOException">The disk refused; the lease is returned.</exception>
    public static DiskRecord? TryOpen(SegmentFile segment, DiskEntry entry)
    {
        DiskRecord? record = null;
        try
        {
            byte[] first = GC.AllocateUninitializedArray<byte>((int)Math.Min(entry.Length, DiskLimits.FirstReadBytes));
            if (!segment.TryReadExactly(first, entry.Offset)
                || !RecordHeader.TryRead(first, entry.Segment, entry.Offset, out RecordHeader header)
                || header.Kind != RecordKind.Object || header.Key != entry.Key || header.TotalLength != entry.Length)
            {
                return null;
            }

            byte[] block = first;
            int blockEnd = RecordHeader.Bytes + header.MetaLength;
            if (blockEnd > first.Length)
            {
                block = GC.AllocateUninitializedArray<byte>(blockEnd);
                if (!segment.TryReadExactly(block, entry.Offset))
                {
                    return null;
                }
            }

            ReadOnlySpan<byte> meta = block.AsSpan(RecordHeader.Bytes, header.MetaLength);
            if (Crc32C.Of(meta) == header.MetaCrc && RecordMeta.Read(meta, header.BodyLength, entry.Stamp) is { } read)
            {
                record = new DiskRecord(segment, entry, header, read, first, first.Length);
            }

            return record;
        }
        finally
        {
            if (record is null)
            {
                segment.Return();
            }
        }
    }

    /// <summary>Bytes of a piece: <see cref="DiskLimits.PieceBytes"/>, but for the last.</summary>
    public int PieceLength(int piece) => (int)Math.Min(DiskLimits.PieceBytes, BodyLength - ((long)piece * DiskLimits.PieceBytes));

    /// <summary>False when it is damaged.</summary>
    /// <param name="to">Of <see cref="PieceLength"/> bytes.</param>
    /// <exception cref="IOException">The disk refused.</exception>
    public bool TryReadPiece(int piece, Span<byte> to)
    {
        long at = RecordHeader.Bytes + Header.MetaLength + ((long)piece * DiskLimits.PieceBytes);
        if (at + to.Length <= _firstLength)
        {
            _first.AsSpan((int)at, to.Length).CopyTo(to);
        }
        else if (!_segment.TryReadExactly(to, Entry.Offset + at))
        {
            return false;
        }

        return Crc32C.Of(to) == Meta.PieceCrcs[piece];
    }

    /// <summary>The record's bytes, the body checked; null when it is damaged.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public byte[]? TryReadWhole()
    {
        byte[] bytes = GC.AllocateUninitializedArray<byte>((int)Entry.Length);
        int bodyAt = RecordHeader.Bytes + Header.MetaLength;
        if (!_segment.TryReadExactly(bytes.AsSpan(0, bodyAt), Entry.Offset)
            || Crc32C.Of(bytes.AsSpan(RecordHeader.Bytes, Header.MetaLength)) != Header.MetaCrc)
        {
            return null;
        }

        for (int piece = 0; piece < PieceCount; piece++)
        {
            if (!TryReadPiece(piece, bytes.AsSpan(bodyAt + (piece * DiskLimits.PieceBytes), PieceLength(piece))))
            {
                return null;
            }
        }

        return bytes;
    }

    /// <summary>The body in memory; null when it is damaged.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public CachedBody? TryReadBody()
    {
        var body = new CachedBody(BodyLength);
        for (int piece = 0; piece < PieceCount; piece++)
        {
            Memory<byte> to = body.GetMemory();
            int length = PieceLength(piece);
            if (to.Length < length || !TryReadPiece(piece, to.Span[..length]))
            {
                return null;
            }

            body.Advance(length);
        }

        body.Complete();
        return body;
    }

    public void Dispose() => _segment.Return();
}
