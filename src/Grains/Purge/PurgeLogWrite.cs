using OrleansCdn.Contracts.Cluster;

namespace OrleansCdn.Grains.Purge;

/// <summary>One row to write. Writes are performed in the order in which they are given, each durable before the next.</summary>
internal abstract record PurgeLogWrite
{
    /// <summary>After this one, everything up to the segment's last entry is durable.</summary>
    public sealed record WriteSegment(PurgeSegment Content) : PurgeLogWrite;

    public sealed record WriteHead(PurgeLogHead Content) : PurgeLogWrite;

    /// <summary>Frees space. Its failure costs nothing else.</summary>
    public sealed record ClearSegment(long Segment) : PurgeLogWrite;
}
