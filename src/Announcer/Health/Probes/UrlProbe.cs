using System.Net;

namespace OrleansCdn.Announcer.Health.Probes;

/// <summary>Asks a URL as it is: for servers that stand behind something else than the edge. Any answer of status 200 in time will do.</summary>
internal sealed class UrlProbe(ProbeTarget target, TimeProvider time) : IProbe
{
    private readonly HttpMessageInvoker _http = new(ProbeHttp.NewHandler());

    public ProbeTarget Target => target;

    public Task<ProbeFinding> AskAsync(CancellationToken cancellationToken) => ProbeHttp.AskAsync(
        AskWithinAsync,
        why => new ProbeFinding(false, why is null ? $"{target.Url} did not answer within {ProbeHttp.Limit.TotalSeconds:0} s" : $"{target.Url}: {why}"),
        time,
        cancellationToken);

    private async Task<ProbeFinding> AskWithinAsync(CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, target.Url);
        using HttpResponseMessage response = await _http.SendAsync(request, cancellationToken);
        return new ProbeFinding(response.StatusCode == HttpStatusCode.OK, $"{target.Url} answered status {(int)response.StatusCode}");
    }

    public void Dispose() => _http.Dispose();
}
