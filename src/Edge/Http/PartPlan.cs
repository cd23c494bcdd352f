using Microsoft.AspNetCore.Http;
using OrleansCdn.Edge.Cache;

namespace OrleansCdn.Edge.Http;

/// <summary>What a request that nothing stored answers wants first, and whose account pays for what is fetched beyond it.</summary>
/// <param name="FirstBlock">The block that a fill begins with; null: all of the object at once.</param>
/// <param name="Wanted">The lowest byte that is asked for.</param>
/// <param name="Account">Null: nobody's.</param>
internal readonly record struct PartPlan(long? FirstBlock, long Wanted, RangeAccount? Account)
{
    /// <summary>A part that begins this far past what a fill has read is waited for; one farther away is fetched by itself.</summary>
    private const long NearBytes = SlicedBody.BlockBytes;

    public static readonly PartPlan Whole = new(null, 0, null);

    /// <param name="request">The visitor's.</param>
    /// <param name="stale">What is stored and to be confirmed. One that is kept in blocks is confirmed along with a block.</param>
    /// <param name="account">Of the visitor.</param>
    public static PartPlan Of(CacheRequest request, StoredResponse? stale, RangeAccount? account)
    {
        if (stale is { Slices: null })
        {
            return Whole;
        }

        long wanted = RangeSet.FirstWanted(request.Headers.Range);
        if (wanted < 0)
        {
            return stale is null ? Whole : new PartPlan(0, 0, account);
        }

        // Past any object's end: the first block tells how long it really is.
        wanted = wanted < SlicedBody.MaxLength ? wanted : 0;
        return new PartPlan(SlicedBody.IndexOf(wanted), wanted, account);
    }

    /// <summary>Whether what a fill streams will be at this request's part soon.</summary>
    public bool IsNear(CachedBody? body) => FirstBlock is null || body is null
        || (body.ExpectedLength is not null && Wanted <= body.Length + NearBytes);

    /// <summary>False: this visitor has made the edge fetch enough.</summary>
    public bool TryPay(double now) => FirstBlock is null || Account is null || Account.TryTake(SlicedBody.BlockBytes, now);

    public void PayBack()
    {
        if (FirstBlock is not null)
        {
            Account?.Give(SlicedBody.BlockBytes);
        }
    }

    /// <summary>Once it is known what was fetched. Bytes of blocks are given back as they are sent.</summary>
    public void Settle(FillResult result, HttpResponse response)
    {
        if (FirstBlock is null || Account is null)
        {
            return;
        }

        if (result.Verdict == FillVerdict.Failed)
        {
            PayBack();
        }
        else if (result is { Verdict: FillVerdict.Streaming, Response: { Slices: null } whole })
        {
            long fetched = whole.Body.ExpectedLength ?? SlicedBody.BlockBytes;
            Account.Give(SlicedBody.BlockBytes - fetched + Math.Min(fetched, response.ContentLength ?? 0));
        }
    }
}
