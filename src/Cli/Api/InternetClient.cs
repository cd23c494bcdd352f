using System.Text.Json;
using OrleansCdn.Cli.LabInternet;
using OrleansCdn.Contracts;

namespace OrleansCdn.Cli.Api;

/// <summary>Asks the lab's internet.</summary>
internal sealed class InternetClient(Uri url) : IDisposable
{
    // It is on this machine; one that hangs must not hang the table.
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(5);

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = AnswerLimit };

    /// <exception cref="CommandFailure">It does not answer, or something else does.</exception>
    public async Task<InternetReply> LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            byte[] answer = await _http.GetByteArrayAsync(new Uri(url, InternetReply.Path), cancellationToken);
            return JsonSerializer.Deserialize(answer, LabInternetJson.Default.InternetReply) ?? throw new JsonException("nothing");
        }
        catch (Exception e) when (TransportFailure.Is(e) || e is JsonException || (e is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new CommandFailure(
                ExitCode.Failed, $"no internet at {url}: {e.Message}", "'cdn lab' prints the URL of its own; a config without 'asn' or 'upstreams' has none.");
        }
    }

    public void Dispose() => _http.Dispose();
}
