using System.Net;
using OrleansCdn.Node.Links;

namespace OrleansCdn.Announcer.Health;

/// <summary>How one probe of the local edge went.</summary>
/// <param name="Failure">In words; null: it answered.</param>
internal readonly record struct ProbeOutcome(string? Failure)
{
    public static readonly ProbeOutcome Answered = new(null);
}

/// <summary>Asks the local edge whether it serves: a GET that is answered with 200 in time.</summary>
internal sealed class EdgeProbe(Uri url, TimeProvider time) : IDisposable
{
    /// <summary>On the same machine an answer takes a millisecond; one that takes two seconds is none that a visitor would wait for.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler
    {
        ActivityHeadersPropagator = null,
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        ConnectTimeout = Limit,

        // Each probe shows that connections can be made.
        PooledConnectionLifetime = TimeSpan.Zero,
    });

    public async Task<ProbeOutcome> AskAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = new(Limit, time);
        using CancellationTokenSource linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using HttpRequestMessage request = new(HttpMethod.Get, url);
            using HttpResponseMessage response = await _http.SendAsync(request, linked.Token);
            return response.StatusCode == HttpStatusCode.OK
                ? ProbeOutcome.Answered
                : new ProbeOutcome($"{url} answered status {(int)response.StatusCode}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new ProbeOutcome($"{url} did not answer within {Limit.TotalSeconds:0} s");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return new ProbeOutcome($"{url}: {OneLine.Printable(e.GetBaseException().Message)}");
        }
    }

    public void Dispose() => _http.Dispose();
}
