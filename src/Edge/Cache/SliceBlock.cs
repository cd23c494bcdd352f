using OrleansCdn.Edge.Origin;

namespace OrleansCdn.Edge.Cache;

public enum BlockVerdict
{
    /// <summary>The header fits the object: read the body along, it may still be growing.</summary>
    Streaming,

    /// <summary>Twice it was of another representation: the generation is over.</summary>
    Changed,

    /// <summary>No answer, or an error.</summary>
    Failed,
}

/// <summary>How the fetch of a block came out.</summary>
public readonly record struct BlockResult(BlockVerdict Verdict, UpstreamFailure Failure = UpstreamFailure.None, int UpstreamStatus = 0);

/// <summary>One aligned block of a sliced object, fetched once for all who need it.</summary>
public sealed class SliceBlock(SlicedBody owner, long index) : StoreEntry
{
    /// <summary>Objects of this class, its dictionary entry and list nodes.</summary>
    private const long FixedWeight = 400;

    private readonly TaskCompletionSource<BlockResult> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public SlicedBody Owner { get; } = owner;

    public long Index { get; } = index;

    public ByteSpan Span => Owner.SpanOf(Index);

    public CachedBody Body { get; } = new(owner.SpanOf(index).Length);

    /// <summary>Completes when the header was checked, or there is none.</summary>
    public Task<BlockResult> Result => _result.Task;

    public void Finish(BlockResult result) => _result.TrySetResult(result);

    internal override int GhostHash => HashCode.Combine(Owner.Key, Index);

    internal long ComputeWeight() => FixedWeight + Body.Allocated;
}
