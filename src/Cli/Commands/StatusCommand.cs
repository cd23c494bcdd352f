using System.CommandLine;
using OrleansCdn.Cli.Api;
using OrleansCdn.Cli.Output;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Control;
using Spectre.Console;

namespace OrleansCdn.Cli.Commands;

/// <summary><c>cdn status</c>: what the silo knows of every PoP and edge.</summary>
internal static class StatusCommand
{
    public static Command Create(CliHost host)
    {
        var api = new ApiOptions(host);
        var command = new Command("status", "Show PoPs and edges: connection, config version, purge lag, traffic, cache, disks, nameservers, sick origins.");
        api.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using ApiClient client = api.Connect(parsed);
            StatusReply status = await client.StatusAsync(cancellationToken);
            if (parsed.GetValue(api.Json))
            {
                host.WriteJson(status, ContractsJson.Default.StatusReply);
            }
            else
            {
                Write(host, status);
            }

            return ExitCode.Done;
        });
        return command.WithExamples(
            "cdn status",
            "cdn status --api http://127.0.0.1:8080 --token $TOKEN",
            "cdn status --json | jq '.pops[].edges[] | select(.connected | not) | .name'",
            "cdn status --json | jq '.pops[].edges[].condition.sickOrigins[]?'");
    }

    private static void Write(CliHost host, StatusReply status)
    {
        host.Out.WriteLine(status.ConfigVersion == 0
            ? $"{status.Cluster} (silo {status.Silo}, {status.SoftwareVersion}): no config yet. Apply one with 'cdn apply FILE'."
            : $"{status.Cluster} (silo {status.Silo}, {status.SoftwareVersion}): config version {status.ConfigVersion}, {status.Cursor.Sequence} purges");
        if (status.Pops.Length > 0)
        {
            host.Console.Write(Table(status, host.Time.GetUtcNow()));
            StatusConditions.Write(host, status);
        }
    }

    private static Table Table(StatusReply status, DateTimeOffset now)
    {
        Table table = new Table().Border(TableBorder.Rounded).AddColumns("PoP", "Edge", "State");
        foreach (string column in (string[])
            ["Config", "Purges behind", "Requests", "Hits", "Hit ratio", "Coalesced", "Origin", "Origin errors", "Stored", "Connections"])
        {
            table.AddColumn(new TableColumn(column).RightAligned());
        }

        foreach (PopStatus pop in status.Pops)
        {
            foreach (EdgeStatus edge in pop.Edges)
            {
                EdgeCounters counters = edge.Counters ?? new EdgeCounters();
                long hits = counters.Hits + counters.StaleHits;
                table.AddRow(
                    Markup.Escape(pop.Id),
                    Markup.Escape(edge.Name),
                    State(edge, now),
                    edge.ConfigVersion == 0 ? "-" : $"{edge.ConfigVersion}",
                    Lag(status.Cursor, edge),
                    Units.Count(counters.Requests),
                    Units.Count(hits),
                    Units.Ratio(hits, counters.Requests),
                    Units.Count(counters.Coalesced),
                    Units.Count(counters.OriginFetches),
                    Units.Count(counters.OriginErrors),
                    Units.Bytes(counters.StoredBytes),
                    Units.Count(counters.OpenConnections));
            }
        }

        return table;
    }

    private static string State(EdgeStatus edge, DateTimeOffset now) => edge switch
    {
        { Connected: true } => "[green]connected[/]",
        { LastSeen: { } seen } => $"[red]lost[/], seen {Units.Age(now - seen)}",
        _ => "[red]never seen[/]",
    };

    /// <summary>Entries of the purge log that the edge has yet to acknowledge.</summary>
    private static string Lag(PurgeCursor log, EdgeStatus edge)
    {
        if (edge.Cursor.Epoch != log.Epoch)
        {
            return log.Sequence == 0 ? "0" : "all";
        }

        return Units.Count(Math.Max(0, log.Sequence - edge.Cursor.Sequence));
    }
}
