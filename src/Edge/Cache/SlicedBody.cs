namespace OrleansCdn.Edge.Cache;

/// <summary>
/// One generation of a large object that is kept in aligned blocks: what all its blocks have in common, and the blocks
/// that are here or on their way. A purge or a change of the object ends the generation and all blocks with it.
/// </summary>
/// <param name="key">Of the object.</param>
/// <param name="length">Of the whole representation.</param>
/// <param name="validator">The strong validator that every block must come with: an entity tag or a date.</param>
public sealed class SlicedBody(CacheKey key, long length, string validator)
{
    /// <summary>nginx's documentation and Fastly's segmented caching use the same; a part costs at most one more at either end.</summary>
    public const int BlockBytes = 1024 * 1024;

    /// <summary>1 PiB. Longer ones are taken for a mistake, and sums of offsets stay far from overflowing.</summary>
    public const long MaxLength = 1L << 50;

    private readonly Lock _lock = new();
    private readonly Dictionary<long, SliceBlock> _blocks = [];
    private volatile bool _isDropped;

    public CacheKey Key { get; } = key;

    public long Length { get; } = length;

    public string Validator { get; } = validator;

    /// <summary>Over: nothing more is stored, and what is being sent goes on without the blocks.</summary>
    public bool IsDropped => _isDropped;

    /// <summary>The response that the blocks belong to; null before it is stored. Under the store's lock.</summary>
    internal StoredResponse? Head { get; set; }

    /// <summary>Of the blocks that are here or on their way.</summary>
    internal long HeldBytes
    {
        get
        {
            lock (_lock)
            {
                return _blocks.Values.Sum(block => block.Span.Length);
            }
        }
    }

    public bool IsSame(long otherLength, string otherValidator) =>
        Length == otherLength && string.Equals(Validator, otherValidator, StringComparison.Ordinal);

    public static long IndexOf(long offset) => offset / BlockBytes;

    public ByteSpan SpanOf(long index)
    {
        long first = index * BlockBytes;
        return new ByteSpan(first, Math.Min(first + BlockBytes, Length) - 1);
    }

    public SliceBlock? Find(long index)
    {
        lock (_lock)
        {
            return _blocks.GetValueOrDefault(index);
        }
    }

    /// <summary>Whether every block of these bytes is complete.</summary>
    public bool HasAll(long first, long last)
    {
        long from = IndexOf(first), to = IndexOf(last);
        lock (_lock)
        {
            if (to - from >= _blocks.Count)
            {
                return false;
            }

            for (long index = from; index <= to; index++)
            {
                if (!_blocks.TryGetValue(index, out SliceBlock? block) || block.Body.State != BodyState.Complete)
                {
                    return false;
                }
            }

            return true;
        }
    }

    /// <summary>The block, or a new one that the caller has to fill.</summary>
    public SliceBlock GetOrBegin(long index, out bool isNew)
    {
        lock (_lock)
        {
            isNew = !_blocks.TryGetValue(index, out SliceBlock? block);
            if (isNew)
            {
                block = new SliceBlock(this, index);
                _blocks.Add(index, block);
            }

            return block!;
        }
    }

    /// <summary>True when no block is here or on its way any more.</summary>
    internal bool Remove(SliceBlock block)
    {
        lock (_lock)
        {
            if (_blocks.TryGetValue(block.Index, out SliceBlock? known) && ReferenceEquals(known, block))
            {
                _blocks.Remove(block.Index);
            }

            return _blocks.Count == 0;
        }
    }

    /// <summary>Ends the generation; the blocks that it had, those on their way among them.</summary>
    internal SliceBlock[] Drop()
    {
        lock (_lock)
        {
            _isDropped = true;
            SliceBlock[] blocks = [.. _blocks.Values];
            _blocks.Clear();
            return blocks;
        }
    }
}

/// <summary>Bytes of a representation; both ends count.</summary>
public readonly record struct ByteSpan(long First, long Last)
{
    public long Length => Last - First + 1;
}
