using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using OrleansCdn.Cli.Api;
using OrleansCdn.Cli.LabInternet;
using OrleansCdn.Cli.Output;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Contracts.Routing;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace OrleansCdn.Cli.Lab;

/// <summary>The live table on a terminal, from the edges' own counters.</summary>
internal static class LabTable
{
    private static readonly TimeSpan RefreshEvery = TimeSpan.FromSeconds(1);

    // A loopback answer takes a millisecond; an edge that hangs must not stop the table.
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromMilliseconds(800);

    public static async Task ShowAsync(
        CliHost host, LabNetwork network, string? internet, LabChildren children, Task end, CancellationToken stop)
    {
        ImmutableArray<LabEdge> edges = network.Edges;
        using InternetClient? neighbors = internet is null ? null : new InternetClient(new Uri(internet));
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = AnswerLimit };
        var last = new Dictionary<string, (long At, EdgeCounters Counters)>();
        await host.Console.Live(new Text("")).StartAsync(async live =>
        {
            while (!end.IsCompleted && !stop.IsCancellationRequested)
            {
                Sample?[] now = await Task.WhenAll(edges.Select(e => SampleAsync(http, e, stop)));
                InternetReply? seen = neighbors is null ? null : await LookAsync(neighbors, stop);
                live.UpdateTarget(Render(host, edges, children, now, seen, last));
                await Task.WhenAny(end, Task.Delay(RefreshEvery, host.Time, stop));
            }
        });
    }

    private static Rows Render(
        CliHost host,
        ImmutableArray<LabEdge> edges,
        LabChildren children,
        Sample?[] now,
        InternetReply? seen,
        Dictionary<string, (long At, EdgeCounters Counters)> last)
    {
        Table table = new Table().Border(TableBorder.Rounded).AddColumns("PoP", "Edge", "State", "BGP");
        foreach (string column in (string[])
            ["Requests", "Requests/s", "Hits", "Hit ratio", "Coalesced", "From peers", "From origin", "Origin errors", "Stored", "Memory"])
        {
            table.AddColumn(new TableColumn(column).RightAligned());
        }

        foreach ((LabEdge edge, Sample? sample) in edges.Zip(now))
        {
            EdgeCounters c = sample?.Counters ?? new EdgeCounters();
            long hits = c.Hits + c.StaleHits;
            table.AddRow(
                Markup.Escape(edge.Pop),
                Markup.Escape(edge.Name),
                sample is null ? "[red]no answer[/]" : "[green]up[/]",
                Sessions(seen, edge),
                Units.Count(c.Requests),
                Units.Rate(PerSecond(host.Time, edge.Name, sample?.Counters, last)),
                Units.Count(hits),
                Units.Ratio(hits, c.Requests),
                Units.Count(c.Coalesced),
                Units.Count(c.PeerFetches),
                Units.Count(c.OriginFetches),
                Units.Count(c.OriginErrors),
                Units.Bytes(c.StoredBytes),
                sample is null ? "-" : Units.Bytes(sample.ResidentBytes));
        }

        string[] notices;
        lock (children.Notices)
        {
            notices = [.. children.Notices];
        }

        IEnumerable<IRenderable> visitors = seen is null ? [] : [InternetText.Regions(seen)];
        return new Rows((IEnumerable<IRenderable>)[table, .. visitors, .. notices.Select(n => new Text(n, new Style(Color.Yellow)))]);
    }

    /// <summary>Established sessions of all that the edge's announcer holds.</summary>
    private static string Sessions(InternetReply? seen, LabEdge edge)
    {
        NeighborView[] own = [.. (seen?.Neighbors ?? []).Where(n => n.Edge == edge.Name)];
        int up = own.Count(n => n.State == BgpState.Established);
        return own.Length == 0 ? "-" : string.Create(CultureInfo.InvariantCulture, $"[{(up == own.Length ? "green" : "red")}]{up}/{own.Length}[/]");
    }

    private static double PerSecond(
        TimeProvider time, string edge, EdgeCounters? counters, Dictionary<string, (long At, EdgeCounters Counters)> last)
    {
        if (counters is null)
        {
            last.Remove(edge);
            return 0;
        }

        long at = time.GetTimestamp();
        bool known = last.TryGetValue(edge, out (long At, EdgeCounters Counters) before);
        last[edge] = (at, counters);
        if (!known || counters.Requests < before.Counters.Requests)
        {
            return 0;
        }

        return (counters.Requests - before.Counters.Requests) / Math.Max(0.001, time.GetElapsedTime(before.At, at).TotalSeconds);
    }

    /// <summary>Null when it does not answer; its end stands below the table.</summary>
    private static async Task<InternetReply?> LookAsync(InternetClient neighbors, CancellationToken cancellationToken)
    {
        try
        {
            return await neighbors.LookAsync(cancellationToken);
        }
        catch (CommandFailure)
        {
            return null;
        }
    }

    /// <summary>Null when the edge does not answer.</summary>
    private static async Task<Sample?> SampleAsync(HttpClient http, LabEdge edge, CancellationToken cancellationToken)
    {
        try
        {
            byte[] status = await http.GetByteArrayAsync(new Uri($"http://{edge.Ports.Admin}/status"), cancellationToken);
            return JsonSerializer.Deserialize(status, LabJson.Default.Sample);
        }
        catch (Exception e) when (TransportFailure.Is(e) || e is JsonException
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }

    /// <summary>What the table needs of an edge's <c>/status</c>.</summary>
    internal sealed record Sample(EdgeCounters Counters, long ResidentBytes);
}
