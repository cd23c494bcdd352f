using System.Net;
using System.Text;
using OrleansCdn.Node.Links;

namespace OrleansCdn.Announcer.Health.Probes;

/// <summary>What all probes have in common: bounds, and words for what went wrong.</summary>
internal static class ProbeHttp
{
    /// <summary>On the same machine an answer takes a millisecond; one that takes two seconds is none that a visitor would wait for.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    /// <summary>An edge's own answers have some ten short fields.</summary>
    private const int MaxHeaderKilobytes = 16;

    /// <summary>Of what came instead of the answer, enough to know it again.</summary>
    private const int MaxShownChars = 60;

    public static SocketsHttpHandler NewHandler() => new()
    {
        ActivityHeadersPropagator = null,
        AllowAutoRedirect = false,
        ConnectTimeout = Limit,
        MaxResponseDrainSize = 0,
        MaxResponseHeadersLength = MaxHeaderKilobytes,
        UseCookies = false,
        UseProxy = false,

        // Each probe shows that connections can be made.
        PooledConnectionLifetime = TimeSpan.Zero,
    };

    /// <summary>Asks within <see cref="Limit"/>. Ends by itself, and throws nothing but for <paramref name="cancellationToken"/>.</summary>
    /// <param name="ask">The question.</param>
    /// <param name="failed">What came of it when there is no answer: what went wrong in words; null: the time was over.</param>
    /// <param name="time">Of the limit.</param>
    /// <param name="cancellationToken">Nobody waits any more.</param>
    public static async Task<T> AskAsync<T>(Func<CancellationToken, Task<T>> ask, Func<string?, T> failed, TimeProvider time, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = new(Limit, time);
        using CancellationTokenSource linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await ask(linked.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return failed(null);
        }
        catch (Exception e) when (e is not (OperationCanceledException or OutOfMemoryException))
        {
            // Whatever a server can bring about by what it sends: no answer of anybody ends this process.
            return failed(OneLine.Printable(e.GetBaseException().Message));
        }
    }

    /// <summary>Up to <paramref name="most"/> bytes: whether more would come is not waited for.</summary>
    public static async Task<byte[]> ReadAsync(HttpResponseMessage response, int most, CancellationToken cancellationToken)
    {
        byte[] body = new byte[most];
        await using Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        return body[..await stream.ReadAtLeastAsync(body, most, throwOnEndOfStream: false, cancellationToken)];
    }

    public static string Shown(byte[] body)
    {
        string text = OneLine.Printable(Encoding.UTF8.GetString(body)).Trim();
        return text.Length == 0 ? "nothing" : $"'{(text.Length > MaxShownChars ? text[..MaxShownChars] + "…" : text)}'";
    }
}
