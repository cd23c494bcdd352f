namespace OrleansCdn.Edge.Cache.Disk;

/// <summary>Checksums of a complete body in pieces of <see cref="DiskLimits.PieceBytes"/>, whatever its chunks are.</summary>
internal static class PieceSums
{
    /// <param name="parts">The chunks are added to it, in their order.</param>
    public static uint[] Of(CachedBody body, List<ReadOnlyMemory<byte>> parts)
    {
        uint[] sums = new uint[RecordMeta.PieceCount(body.Length)];
        uint crc = Crc32C.Start;
        int filled = 0;
        int piece = 0;
        for (int i = 0; body.CompletePiece(i) is { IsEmpty: false } chunk; i++)
        {
            parts.Add(chunk);
            ReadOnlySpan<byte> rest = chunk.Span;
            while (!rest.IsEmpty)
            {
                int some = Math.Min(rest.Length, DiskLimits.PieceBytes - filled);
                crc = Crc32C.Add(crc, rest[..some]);
                rest = rest[some..];
                filled += some;
                if (filled == DiskLimits.PieceBytes)
                {
                    sums[piece++] = Crc32C.End(crc);
                    (crc, filled) = (Crc32C.Start, 0);
                }
            }
        }

        if (filled > 0)
        {
            sums[piece] = Crc32C.End(crc);
        }

        return sums;
    }
}
