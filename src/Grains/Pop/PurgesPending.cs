using System.Collections.Immutable;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Grains.Pop;

/// <summary>What is being written to the log, for edges that apply it early. Nothing here counts: whatever is lost comes with the log.</summary>
internal sealed class PurgesPending
{
    /// <summary>Groups are written one after the other: two are some time in a queue, the others were never written.</summary>
    public const int MaxPushes = 4;

    private readonly Queue<(long Number, PurgePushAhead Push)> _pushes = new();
    private long _last;

    /// <summary>False: the log is there already, or it is another one.</summary>
    /// <param name="end">Of what is known of the log.</param>
    public bool Offer(PurgePushAhead push, PurgeCursor end)
    {
        if (push.Entries.IsEmpty || push.Through.Epoch != end.Epoch || end.Covers(push.Through))
        {
            return false;
        }

        _pushes.Enqueue((++_last, push));
        if (_pushes.Count > MaxPushes)
        {
            _pushes.Dequeue();
        }

        return true;
    }

    /// <summary>What an edge has not been sent, and the number of the last; what the log has meanwhile is forgotten.</summary>
    public (ImmutableArray<SiloMessage> Messages, long Last) After(long sent, PurgeCursor end)
    {
        while (_pushes.TryPeek(out (long Number, PurgePushAhead Push) oldest) && (oldest.Push.Through.Epoch != end.Epoch || end.Covers(oldest.Push.Through)))
        {
            _pushes.Dequeue();
        }

        return _last == sent
            ? ([], sent)
            : ([.. _pushes.Where(p => p.Number > sent).Select(p => new PurgesAhead(p.Push.Through.Epoch, p.Push.Entries))], _last);
    }
}
