using System.Collections.Immutable;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Silo.Api;

/// <summary>The last refusals of this silo. In memory: what is not allowed must not be able to fill a disk.</summary>
internal sealed class RefusedPurges
{
    /// <summary>Enough to see a plug-in that is set up wrongly, or a token that is tried out.</summary>
    public const int MaxEntries = 1000;

    private readonly Lock _lock = new();
    private readonly Queue<(long Number, AuditEntry Entry)> _entries = [];
    private long _number;

    public void Add(AuditEntry entry)
    {
        lock (_lock)
        {
            _entries.Enqueue((++_number, entry));
            if (_entries.Count > MaxEntries)
            {
                _entries.Dequeue();
            }
        }
    }

    /// <summary>Newest first, each with its number, which counts from 1 since the silo's start.</summary>
    public ImmutableArray<(long Number, AuditEntry Entry)> NewestFirst()
    {
        lock (_lock)
        {
            return [.. _entries.Reverse()];
        }
    }
}
