using System.Collections.Immutable;
using System.Net;
using System.Text.Json;
using OrleansCdn.Announcer.Desired;
using OrleansCdn.Announcer.Health.Probes;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Contracts.Failover;
using OrleansCdn.Node.Links;

namespace OrleansCdn.Announcer.Health;

/// <summary>What came of asking the edge how it is.</summary>
/// <param name="Local">Null: it did not say.</param>
/// <param name="Evidence">What was seen.</param>
internal sealed record LocalAnswer(EdgeLocal? Local, string Evidence);

/// <summary>Asks the edge's admin listener how it is. No visitor comes there: its silence is no reason to withdraw.</summary>
internal sealed class EdgeAdmin(Uri url, string pop, string edge, TimeProvider time) : IDisposable
{
    private readonly HttpMessageInvoker _http = new(NewHandler());
    private readonly Uri _local = new(url, EdgeLocal.Path);

    /// <summary>Ends by itself, and throws nothing but for <paramref name="cancellationToken"/>.</summary>
    public Task<LocalAnswer> AskAsync(CancellationToken cancellationToken) =>
        ProbeHttp.AskAsync(AskWithinAsync, why => Nothing(why ?? $"no answer within {ProbeHttp.Limit.TotalSeconds:0} s"), time, cancellationToken);

    private async Task<LocalAnswer> AskWithinAsync(CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, _local);
        using HttpResponseMessage response = await _http.SendAsync(request, cancellationToken);
        byte[] body = await ProbeHttp.ReadAsync(response, EdgeLocal.MaxBytes + 1, cancellationToken);
        return response.StatusCode != HttpStatusCode.OK
            ? Nothing($"status {(int)response.StatusCode}: is that the admin address of an edge of this release?")
            : body.Length > EdgeLocal.MaxBytes ? Nothing($"more than {EdgeLocal.MaxBytes} bytes") : Read(body);
    }

    public void Dispose() => _http.Dispose();

    private static SocketsHttpHandler NewHandler()
    {
        SocketsHttpHandler handler = ProbeHttp.NewHandler();
        handler.PooledConnectionLifetime = Timeout.InfiniteTimeSpan; // it proves nothing
        handler.MaxConnectionsPerServer = 1;
        return handler;
    }

    private LocalAnswer Read(byte[] body)
    {
        EdgeLocal? local;
        try
        {
            local = JsonSerializer.Deserialize(body, ContractsJson.Default.EdgeLocal);
        }
        catch (JsonException e)
        {
            return Nothing($"no answer of an edge: {OneLine.Printable(e.Message)}");
        }

        return local is null ? Nothing("no answer of an edge")
            : local.Pop != pop || local.Edge != edge ? Nothing($"that is {OneLine.Printable($"{local.Pop}/{local.Edge}")}, not {pop}/{edge}: give the admin address of this server's edge with --edge-admin")
            : new LocalAnswer(Bounded(local), $"{_local} answers");
    }

    /// <summary>Within what is kept and told on.</summary>
    private static EdgeLocal Bounded(EdgeLocal local) => local with
    {
        Connections = Math.Clamp(local.Connections, 0, int.MaxValue),
        Reach = local.Reach is { } reach ? new EdgeReach { Answering = Names(reach.Answering), Silent = Names(reach.Silent) } : null,
        Checks = [.. local.Checks.Where(check => check is not null && DesiredCheck.IsName(check.Check)).Take(EdgeLocal.MaxChecks)
            .Select(check => check with { Evidence = Text(check.Evidence) })],
    };

    private static ImmutableArray<string> Names(ImmutableArray<string> names) => [.. names.Where(DesiredCheck.IsName).Take(EdgeReach.MaxEdges)];

    public static string Text(string text) => OneLine.Printable(text.Length > FailoverLimits.MaxTextLength ? text[..(FailoverLimits.MaxTextLength - 1)] + "…" : text);

    private LocalAnswer Nothing(string why) => new(null, $"{_local}: {why}");
}
