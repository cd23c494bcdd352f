using Microsoft.AspNetCore.Http;
using OrleansCdn.Edge.Cache;
using OrleansCdn.Edge.Cache.Disk;
using OrleansCdn.Edge.Rules;

namespace OrleansCdn.Edge.Http;

/// <summary>Sends a large body from disk: one piece in memory per request, each checked before it is sent.</summary>
internal sealed class DiskDelivery(DiskReader reader, Delivery delivery, EdgeMetrics metrics, TimeProvider time)
{
    /// <summary>The whole, parts of it, or only that it has not changed. A piece that is damaged ends it with a reset.</summary>
    public Task SendAsync(HttpContext context, ListenerRole role, SiteRules rules, StoredResponse stored, DiskRecord record, string cacheStatus, double now)
    {
        HttpResponse response = context.Response;
        if (ConditionalRequest.IsNotModified(context.Request.Headers, stored, time))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            delivery.WriteFields(response, role, rules, stored, cacheStatus, now);
            return Task.CompletedTask;
        }

        if (stored.Status == StatusCodes.Status200OK && context.Request.Headers.Range.Count > 0
            && HttpMethods.IsGet(context.Request.Method) && ConditionalRequest.IfRangeHolds(context.Request.Headers, stored))
        {
            switch (RangeSet.Parse(context.Request.Headers.Range, record.BodyLength, out ByteRange range, out ByteRange[]? several))
            {
                case RangeVerdict.Partial:
                    delivery.WriteFields(response, role, rules, stored, cacheStatus, now);
                    return PartWriter.WriteAsync(context, record.BodyLength, range, several, new DiskRangeSource(reader, record, metrics));
                case RangeVerdict.NotSatisfiable:
                    delivery.NotSatisfiable(response, stored, record.BodyLength, cacheStatus, now);
                    return Task.CompletedTask;
                default:
                    break;
            }
        }

        response.StatusCode = stored.Status;
        delivery.WriteFields(response, role, rules, stored, cacheStatus, now);
        if (Delivery.MayHaveBody(response.StatusCode))
        {
            response.ContentLength = record.BodyLength;
        }

        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : WholeAsync(context, record);
    }

    private async Task WholeAsync(HttpContext context, DiskRecord record)
    {
        try
        {
            await new DiskRangeSource(reader, record, metrics).CopyAsync(context, new ByteRange(0, record.BodyLength - 1)).ConfigureAwait(false);
        }
        catch (BodyAbortedException)
        {
            context.Abort();
        }
    }
}
