using Microsoft.AspNetCore.Http;
using OrleansCdn.Contracts.Config;

namespace OrleansCdn.Edge.Origin;

/// <summary>
/// Asks the origins of a site one after the other until one answers. Bounded by the site's number of attempts and total time;
/// the next one is asked only when the request may be repeated, or surely was not acted upon. Once a header has been taken,
/// nothing is asked again.
/// </summary>
public sealed partial class OriginFailover(
    OriginBook book, UpstreamClient upstream, EdgeMetrics metrics, TimeProvider time, ILogger<OriginFailover> logger)
{
    public async Task<UpstreamResult> FetchAsync(UpstreamRequest request, CancellationToken cancellationToken)
    {
        SiteOrigins origins = book.Of(request.Site);
        FailoverConfig failover = request.Site.Failover;
        double now = time.MonotonicSeconds();
        double end = now + failover.TotalTimeout.TotalSeconds;
        UpstreamResult last = default;

        // An origin's own words are better than this edge's: its error answer is kept while another origin is asked.
        UpstreamResponse? refusal = null;
        int attempts = 0;
        try
        {
            foreach (OriginEndpoint endpoint in origins.Order(now, request.IsRepeatable))
            {
                TimeSpan firstByte = endpoint.Config.FirstByteTimeout;
                if (attempts > 0)
                {
                    double left = end - time.MonotonicSeconds();
                    if (attempts == failover.Attempts || left <= 0)
                    {
                        break;
                    }

                    metrics.Add(Counter.OriginRetries);
                    firstByte = TimeSpan.FromSeconds(Math.Min(firstByte.TotalSeconds, left));
                }

                attempts++;
                last = await AskAsync(origins, endpoint, request, firstByte, cancellationToken).ConfigureAwait(false);
                if (last.Response is { } response && !(IsGatewayError(response.Status) && request.IsRepeatable))
                {
                    return last;
                }

                refusal = Take(ref last, refusal);
                if (cancellationToken.IsCancellationRequested || (last.Failure != UpstreamFailure.None && !request.MayGoOn(last.Failure)))
                {
                    break;
                }
            }

            UpstreamResponse? answer = refusal;
            refusal = null;
            return answer is null ? last : new UpstreamResult(answer, UpstreamFailure.None);
        }
        finally
        {
            refusal?.Dispose();
        }
    }

    /// <summary>The newest error answer; an older one is closed.</summary>
    private static UpstreamResponse? Take(ref UpstreamResult last, UpstreamResponse? refusal)
    {
        if (last.Response is not { } newer)
        {
            return refusal;
        }

        refusal?.Dispose();
        last = default;
        return newer;
    }

    private async Task<UpstreamResult> AskAsync(
        SiteOrigins origins, OriginEndpoint endpoint, UpstreamRequest request, TimeSpan firstByte, CancellationToken cancellationToken)
    {
        // The one request that finds out whether the origin is back; another one may just have begun to.
        bool isTrial = request.IsRepeatable && endpoint.State.TryBeginTrial(time.MonotonicSeconds(), origins.Rules);
        CircuitEvent what = CircuitEvent.Abandoned;
        UpstreamFailure failure = UpstreamFailure.None;
        try
        {
            UpstreamResult result = await upstream.FetchFromOriginAsync(endpoint.Config, request, firstByte, cancellationToken).ConfigureAwait(false);
            result.Response?.Source = endpoint.State.Source;
            bool isCut = result.Failure == UpstreamFailure.FirstByteTimeout && firstByte < endpoint.Config.FirstByteTimeout;
            (what, failure) = isCut ? (CircuitEvent.Abandoned, UpstreamFailure.None) : Judge(result, request, cancellationToken);
            return result;
        }
        finally
        {
            if ((what != CircuitEvent.Abandoned || isTrial) && endpoint.State.Report(what, failure, time.MonotonicSeconds(), origins.Rules))
            {
                LogChange(endpoint.State.Id, what == CircuitEvent.Succeeded, failure);
            }
        }
    }

    /// <summary>
    /// What an outcome says of the origin. A 500 is an answer: one broken page must not take a whole origin out. A visitor that
    /// leaves, or whose body has not come to its end, says nothing.
    /// </summary>
    private static (CircuitEvent What, UpstreamFailure Failure) Judge(UpstreamResult result, UpstreamRequest request, CancellationToken cancellationToken)
    {
        if (result.Response is { } response)
        {
            return IsGatewayError(response.Status) ? (CircuitEvent.Failed, UpstreamFailure.ErrorStatus) : (CircuitEvent.Succeeded, UpstreamFailure.None);
        }

        bool isVisitors = cancellationToken.IsCancellationRequested
            || (result.Failure is UpstreamFailure.FirstByteTimeout or UpstreamFailure.Aborted && request.Body is { HasStarted: true, IsSent: false });
        return isVisitors ? (CircuitEvent.Abandoned, UpstreamFailure.None) : (CircuitEvent.Failed, result.Failure);
    }

    private static bool IsGatewayError(int status) =>
        status is StatusCodes.Status502BadGateway or StatusCodes.Status503ServiceUnavailable or StatusCodes.Status504GatewayTimeout;

    private void LogChange(OriginId origin, bool isHealthy, UpstreamFailure failure)
    {
        if (isHealthy)
        {
            LogHealthy(origin.Site, origin.Url);
        }
        else
        {
            LogTripped(origin.Site, origin.Url, failure.Token());
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "site {Site}: origin {Origin} works again")]
    private partial void LogHealthy(string site, Uri origin);

    [LoggerMessage(Level = LogLevel.Warning, Message = "site {Site}: origin {Origin} is passed over for a while, last failure {Failure}")]
    private partial void LogTripped(string site, Uri origin, string failure);
}
