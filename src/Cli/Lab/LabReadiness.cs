using System.Collections.Immutable;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using OrleansCdn.Cli.Api;
using OrleansCdn.Cli.LabInternet;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Cli.Lab;

/// <summary>Waits until the lab's processes answer; the caller's token bounds each wait.</summary>
internal static class LabReadiness
{
    // Short against a process's start, long against one loopback request.
    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(25);

    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(5);

    public static Task SiloAsync(ApiClient api, TimeProvider time, CancellationToken cancellationToken) =>
        UntilAsync(() => api.IsHealthyAsync(cancellationToken), time, cancellationToken);

    /// <summary>Every edge is connected to the silo, has the config, and answers on its own.</summary>
    public static async Task EdgesAsync(
        ApiClient api, ImmutableArray<LabEdge> edges, long version, TimeProvider time, CancellationToken cancellationToken)
    {
        using HttpClient http = Http();
        foreach (LabEdge edge in edges)
        {
            var health = new Uri($"http://{edge.Ports.Admin}/health");
            await UntilAsync(() => HasConfigAsync(http, health, version, cancellationToken), time, cancellationToken);
            if (edge.AnswersDns)
            {
                var status = new Uri($"http://{edge.Ports.Admin}/status");
                await UntilAsync(() => AnswersDnsAsync(http, status, version, cancellationToken), time, cancellationToken);
            }
        }

        await UntilAsync(
            async () =>
            {
                StatusReply status = await api.StatusAsync(cancellationToken);
                return status.Pops.SelectMany(p => p.Edges).All(e => e.Connected);
            },
            time,
            cancellationToken);
    }

    public static async Task OriginAsync(Uri origin, TimeProvider time, CancellationToken cancellationToken)
    {
        using HttpClient http = Http();
        var counts = new Uri(origin, LabOrigin.RequestCounts.Path);
        await UntilAsync(() => SucceedsAsync(http, counts, cancellationToken), time, cancellationToken);
    }

    public static async Task InternetAsync(IPEndPoint internet, TimeProvider time, CancellationToken cancellationToken)
    {
        using HttpClient http = Http();
        var view = new Uri($"http://{internet}{InternetReply.Path}");
        await UntilAsync(() => SucceedsAsync(http, view, cancellationToken), time, cancellationToken);
    }

    /// <summary>Every neighbour has what it is to have.</summary>
    public static async Task RoutesAsync(ApiClient api, IPEndPoint internet, TimeProvider time, CancellationToken cancellationToken)
    {
        using var client = new InternetClient(new Uri($"http://{internet}"));
        await UntilAsync(
            async () =>
            {
                RoutesReply routes = await api.RoutesAsync(null, null, cancellationToken);
                InternetReply view = await client.LookAsync(cancellationToken);
                return view.Neighbors.All(neighbor => neighbor.State == BgpState.Established && neighbor.Routes.Length == Desired(routes, neighbor));
            },
            time,
            cancellationToken);
    }

    /// <summary>-1: the silo does not know the upstream yet.</summary>
    private static int Desired(RoutesReply routes, NeighborView neighbor) =>
        routes.Pops.Where(p => p.Pop == neighbor.Pop).SelectMany(p => p.Upstreams).FirstOrDefault(u => u.Upstream == neighbor.Upstream)
            is { Revision: > 0 } upstream ? upstream.Desired.Count(r => r.Announced) : -1;

    private static HttpClient Http() => new(new SocketsHttpHandler { UseProxy = false }) { Timeout = AnswerLimit };

    /// <summary>What is needed of an edge's <c>/health</c>.</summary>
    internal sealed record Health(long ConfigVersion);

    /// <summary>What is needed of an edge's <c>/status</c>.</summary>
    internal sealed record Status(Nameserver? Dns);

    internal sealed record Nameserver(EdgeDns Summary);

    /// <summary>An edge of an earlier start is healthy with the config of then; that is not enough.</summary>
    private static async Task<bool> HasConfigAsync(HttpClient http, Uri health, long version, CancellationToken cancellationToken) =>
        (await ReadAsync(http, health, LabJson.Default.Health, cancellationToken))?.ConfigVersion >= version;

    private static async Task<bool> AnswersDnsAsync(HttpClient http, Uri status, long version, CancellationToken cancellationToken) =>
        (await ReadAsync(http, status, LabJson.Default.Status, cancellationToken))?.Dns?.Summary is { State: EdgeDnsState.Answering } dns
        && dns.ConfigVersion >= version;

    /// <summary>Null: there is no such answer yet.</summary>
    private static async Task<T?> ReadAsync<T>(HttpClient http, Uri uri, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(await http.GetByteArrayAsync(uri, cancellationToken), type);
        }
        catch (Exception e) when (TransportFailure.Is(e) || e is JsonException
            || (e is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }

    private static async Task<bool> SucceedsAsync(HttpClient http, Uri uri, CancellationToken cancellationToken)
    {
        try
        {
            using HttpResponseMessage answer = await http.GetAsync(uri, cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (TransportFailure.Is(e))
        {
            return false;
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private static async Task UntilAsync(Func<Task<bool>> condition, TimeProvider time, CancellationToken cancellationToken)
    {
        while (!await condition())
        {
            await Task.Delay(AskEvery, time, cancellationToken);
        }
    }
}
