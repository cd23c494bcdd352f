using OrleansCdn.Edge.Cache;
using OrleansCdn.Edge.Cache.Disk;
using OrleansCdn.Edge.Origin;

namespace OrleansCdn.Edge.Http;

/// <summary>Requests for what memory does not have and the disk may have. Small objects move to memory; large ones are sent from disk.</summary>
public sealed class DiskHits
{
    private const string Detail = "disk";

    private readonly DiskStore _disk;
    private readonly DiskReader _reader;
    private readonly MemoryStore _store;
    private readonly MissHandler _misses;
    private readonly Delivery _delivery;
    private readonly DiskDelivery _records;
    private readonly OriginBook _origins;
    private readonly EdgeState _state;
    private readonly EdgeMetrics _metrics;
    private readonly TimeProvider _time;

    internal DiskHits(
        DiskStore disk, DiskReader reader, MemoryStore store, MissHandler misses, Delivery delivery, DiskDelivery records,
        OriginBook origins, EdgeState state, EdgeMetrics metrics, TimeProvider time)
    {
        (_disk, _reader, _store, _misses, _delivery, _records) = (disk, reader, store, misses, delivery, records);
        (_origins, _state, _metrics, _time) = (origins, state, metrics, time);
    }

    /// <summary>Whether a look is worth it; no I/O.</summary>
    internal bool MayHave(CacheKey key, out DiskKey hash) => _disk.MayHave(key, out hash);

    internal async Task HandleAsync(CacheRequest request, DiskKey hash)
    {
        double confirmBefore = _state.ConfirmBefore(request.Rules, _time.MonotonicSeconds());
        DiskFound found = await _reader.FindAsync(hash, request.Key, request.Headers, confirmBefore).ConfigureAwait(false);
        using DiskRecord? record = found.Record;
        double now = _time.MonotonicSeconds();
        if (found.Response is { } other && !request.Accepts(other))
        {
            await _misses.HandleAsync(request.AsPresented(), stale: null).ConfigureAwait(false);
            return;
        }

        if (record is not null)
        {
            _metrics.Add(Counter.Hits);
            _metrics.Add(Counter.DiskHits);
            await _records.SendAsync(request.Context, request.Role, request.Rules, found.Response!, record, Status(found.Response!, now), now).ConfigureAwait(false);
            return;
        }

        // What was moved to memory is judged like everything there: purges that came meanwhile count.
        StoredResponse? stored = null;
        LookupVerdict verdict = found.Kind == DiskFind.Promoted
            ? Lookup.Find(_store, _state.Purges, request.Key, request.Headers, now, out stored, confirmBefore)
            : LookupVerdict.Miss;
        if (stored is not null && !request.Accepts(stored))
        {
            await _misses.HandleAsync(request.AsPresented(), stale: null).ConfigureAwait(false);
            return;
        }

        switch (verdict)
        {
            case LookupVerdict.Fresh:
                _metrics.Add(Counter.Hits);
                _metrics.Add(Counter.DiskHits);
                await SendAsync(request, stored!, now).ConfigureAwait(false);
                return;
            case LookupVerdict.StaleWhileRevalidate when !request.IsHolderOnly:
                _metrics.Add(Counter.StaleHits);
                _misses.RefreshInBackground(request, stored!);
                await SendAsync(request, stored!, now).ConfigureAwait(false);
                return;
            case LookupVerdict.Stale when !request.IsHolderOnly && Lookup.MayStandIn(stored!, now) && _origins.Of(request.Site) is var all && all.AreAllSick(now):
                _metrics.Add(Counter.StaleHits);
                if (all.IsTrialDue(now))
                {
                    _misses.RefreshInBackground(request, stored!);
                }

                await SendAsync(request, stored!, now).ConfigureAwait(false);
                return;
            default:
                await _misses.HandleAsync(request, stored).ConfigureAwait(false);
                return;
        }
    }

    private Task SendAsync(CacheRequest request, StoredResponse stored, double now) => stored.Slices is null
        ? _delivery.StoredAsync(request.Context, request.Role, request.Rules, stored, Status(stored, now), now)
        : _misses.SlicedAsync(request, stored, stored.IsFresh(now) ? null : Status(stored, now), now);

    private string Status(StoredResponse stored, double now) => CacheStatus.Stale(_state.Pop, stored.TimeToLive(now), Detail);
}
