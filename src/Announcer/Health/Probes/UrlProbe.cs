using System.Net;

namespace OrleansCdn.Announcer.Health.Probes;

/// <summary>Asks a URL as it is: for servers that stand behind something else than the edge. Any answer of status 200 in time will do.</summary>
internal sealed class UrlProbe(ProbeTarget target, TimeProvider time) : IProbe
{
    private readonly HttpMessageInvoker _http = new(ProbeHttp.NewHandler());

    public ProbeTarget Target => target;

    public async Task<ProbeFinding> AskAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = new(ProbeHttp.Limit, time);
        using CancellationTokenSource linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using HttpRequestMessage request = new(HttpMethod.Get, target.Url);
            using HttpResponseMessage response = await _http.SendAsync(request, linked.Token);
            return new ProbeFinding(response.StatusCode == HttpStatusCode.OK, $"{target.Url} answered status {(int)response.StatusCode}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new ProbeFinding(false, $"{target.Url} did not answer within {ProbeHttp.Limit.TotalSeconds:0} s");
        }
        catch (Exception e) when (ProbeHttp.IsFinding(e))
        {
            return new ProbeFinding(false, $"{target.Url}: {ProbeHttp.Words(e)}");
        }
    }

    public void Dispose() => _http.Dispose();
}
