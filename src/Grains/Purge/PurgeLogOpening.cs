using System.Diagnostics;
using OrleansCdn.Contracts.Cluster;

namespace OrleansCdn.Grains.Purge;

/// <summary>Finds the end of a stored log: the head's last segment, and those after it whose head write did not happen.</summary>
internal sealed class PurgeLogOpening
{
    private readonly PurgeLogHead _head;
    private readonly List<PurgeSegment> _found = [];
    private long? _next;

    public PurgeLogOpening(PurgeLogHead head)
    {
        _head = head;
        _next = head.Epoch.Length == 0 ? null : Math.Max(0, head.LastSegment);
    }

    /// <summary>Segment to read next; null: <see cref="Finish"/>.</summary>
    public long? NextSegment => _next;

    public void Offer(PurgeSegment segment)
    {
        Debug.Assert(_next is not null, "offered without having been asked for");
        if (segment.Epoch != _head.Epoch || segment.Index != _next || segment.Entries.IsEmpty)
        {
            _next = null;
            return;
        }

        _found.Add(segment);
        if (_found.Count > PurgeLog.TailSegments)
        {
            _found.RemoveAt(0);
        }

        // A segment that is not full is the last one.
        _next = segment.Entries.Length == PurgeLog.SegmentEntries ? segment.Index + 1 : null;
    }

    /// <param name="newEpoch">For a log that has none yet, or that has lost entries: sequences must not be given twice.</param>
    /// <returns>The log, and whether its head has to be written before anything else.</returns>
    public (PurgeLog Log, bool IsNew) Finish(string newEpoch)
    {
        bool lost = _head.LastSegment >= 0 && _found.Count == 0;
        if (_head.Epoch.Length == 0 || lost)
        {
            return (new PurgeLog(new PurgeLogHead { Epoch = newEpoch }, []), true);
        }

        PurgeLogHead head = _found is [.., { } last] ? _head with { LastSegment = last.Index } : _head;
        return (new PurgeLog(head, _found), false);
    }
}
