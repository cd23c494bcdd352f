using Microsoft.AspNetCore.Http;
using OrleansCdn.Edge.Cache;
using OrleansCdn.Edge.Origin;

namespace OrleansCdn.Edge.Http;

/// <summary>Fills that no visitor waits for, and whose end somebody wants to know.</summary>
public sealed partial class MissHandler
{
    /// <summary>The way of a visitor's miss without an answer: joins or begins a fill and waits until it is over. Counts as nobody's miss.</summary>
    /// <param name="request">A GET without conditions and parts.</param>
    /// <param name="stale">What is stored and not fresh; null: nothing.</param>
    /// <param name="cancellationToken">Ends the wait; a fill that nobody else waits for ends with it.</param>
    /// <returns>How the fill came out; null: what is wanted was stored by another one meanwhile.</returns>
    public async Task<FillResult?> WarmAsync(CacheRequest request, StoredResponse? stale, CancellationToken cancellationToken)
    {
        for (int joins = 0; joins < MaxJoins; joins++)
        {
            if (JoinOrBegin(request, stale, PartPlan.Of(request, stale, account: null), failed: null, out bool isLeader) is not { } fill)
            {
                return null;
            }

            try
            {
                FillResult result = await fill.Result.WaitAsync(cancellationToken).ConfigureAwait(false);
                if (isLeader)
                {
                    // Nobody reads along: the body is kept, or the connection is let go.
                    fill.TakeReader()?.Dispose();
                    fill.TakeUpstream()?.Dispose();
                }

                await fill.Ended.WaitAsync(cancellationToken).ConfigureAwait(false);
                bool isOwn = result.Response is not { } response || (request.Accepts(response) && response.Vary.Matches(request.Headers));
                if (isOwn && (isLeader || result.Verdict != FillVerdict.Uncacheable))
                {
                    return result;
                }

                request = isOwn ? request : request.AsPresented();
            }
            finally
            {
                fill.Leave(isLeader);
            }
        }

        return new FillResult { Verdict = FillVerdict.Uncacheable, NotStored = NotStoredReason.Slow };
    }
}
