using System.Collections.Immutable;
using OrleansCdn.Cli.Commands.Dns;
using OrleansCdn.Cli.Output;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Control;
using Spectre.Console;

namespace OrleansCdn.Cli.Commands;

/// <summary>Below the table of edges: the disks of those that have one, then what needs a look, one line each.</summary>
internal static class StatusConditions
{
    public static void Write(CliHost host, StatusReply status)
    {
        (string Pop, EdgeStatus Edge, EdgeCondition Condition)[] known =
            [.. status.Pops.SelectMany(pop => pop.Edges.Where(e => e.Condition is not null).Select(e => (pop.Id, e, e.Condition!)))];
        if (known.Any(k => k.Condition.Disk.State != EdgeDiskState.Off))
        {
            host.Console.Write(Disks(known));
        }

        NameserverTable.Write(host, status);

        DateTimeOffset now = host.Time.GetUtcNow();
        foreach (PopStatus pop in status.Pops)
        {
            if (pop.Eligibility is { IsEligible: false } eligibility)
            {
                host.Out.WriteLine($"{pop.Id}: {Eligibility(eligibility, now)}");
            }

            if (!pop.Announcers.IsEmpty)
            {
                host.Out.WriteLine($"{pop.Id}: routes {Routes(pop.Announcers)}");
            }

            foreach (EdgeStatus edge in pop.Edges)
            {
                if (edge.IsDrained)
                {
                    host.Out.WriteLine($"{pop.Id}/{edge.Name}: draining, its visitors are asked to leave; the PoP stays");
                }

                if (edge is { Connected: true, EligibilityEpoch: { } has } && has < status.EligibilityEpoch)
                {
                    host.Out.WriteLine($"{pop.Id}/{edge.Name}: answers DNS by decision {has}, {status.EligibilityEpoch} is in force");
                }

                if ((edge.Connected ? edge.Condition?.CutOff : edge.CutOff) is { } cutOff)
                {
                    host.Out.WriteLine($"{pop.Id}/{edge.Name}: {CutOff(cutOff)}");
                }
            }
        }

        foreach (IGrouping<string, string> silent in Silent(known))
        {
            host.Out.WriteLine($"{PlainText.Of(silent.Key)} does not answer {string.Join(", ", silent)}");
        }

        foreach ((string pop, EdgeStatus edge, EdgeCondition condition) in known)
        {
            Write(host.Out, $"{pop}/{edge.Name}", edge.Counters?.SickOrigins ?? 0, condition);
        }
    }

    /// <summary>Edges by name, and who finds them silent: of edges that are connected, what others have said last is old.</summary>
    private static IEnumerable<IGrouping<string, string>> Silent((string Pop, EdgeStatus Edge, EdgeCondition Condition)[] known) => known
        .Where(k => k.Edge.Connected)
        .SelectMany(k => (k.Condition.Reach?.Silent ?? []).Select(silent => (Silent: silent, By: $"{k.Pop}/{k.Edge.Name}")))
        .GroupBy(pair => pair.Silent, pair => pair.By);

    private static Table Disks((string Pop, EdgeStatus Edge, EdgeCondition Condition)[] known)
    {
        Table table = new Table().Border(TableBorder.Rounded).AddColumns("PoP", "Edge", "Disk");
        foreach (string column in (string[])["Objects", "Bytes", "Size", "Hits", "Writes dropped", "Purges in journal"])
        {
            table.AddColumn(new TableColumn(column).RightAligned());
        }

        foreach ((string pop, EdgeStatus edge, EdgeCondition condition) in known)
        {
            EdgeDisk disk = condition.Disk;
            if (disk.State == EdgeDiskState.Off)
            {
                continue;
            }

            table.AddRow(
                Markup.Escape(pop),
                Markup.Escape(edge.Name),
                State(disk.State),
                Units.Count(disk.Objects),
                Units.Bytes(disk.Bytes),
                Units.Bytes(disk.CapacityBytes),
                Units.Count(disk.Hits),
                Units.Count(disk.WritesDropped),
                disk.Journal is { } journal ? $"up to {journal.Sequence}" : "-");
        }

        return table;
    }

    private static void Write(TextWriter output, string edge, long sick, EdgeCondition condition)
    {
        if (condition.Disk is { State: not EdgeDiskState.Open, Reason: { } reason })
        {
            output.WriteLine($"{edge}: disk {Name(condition.Disk.State)}: {PlainText.Of(reason)}");
        }

        foreach (SickOrigin origin in condition.SickOrigins)
        {
            output.WriteLine($"{edge}: site {PlainText.Of(origin.Site)}: origin {PlainText.Of(origin.Origin)} is sick"
                + (origin.Why is { } why ? $" ({PlainText.Of(why)})" : ""));
        }

        if (sick > condition.SickOrigins.Length && !condition.SickOrigins.IsEmpty)
        {
            output.WriteLine($"{edge}: {sick - condition.SickOrigins.Length} more origins are sick");
        }
    }

    private static string Eligibility(PopEligibility pop, DateTimeOffset now)
    {
        string state = pop.State switch
        {
            EligibilityState.Draining => "draining",
            EligibilityState.WantsOut => "its edges want no visitors",
            EligibilityState.Withdrawn => "its routes are withdrawn",
            _ => "its edges have gone",
        };
        return $"{state}, DNS sends it nobody for {Units.Span(now - pop.Since)}{(pop.Detail is { } detail ? $": {PlainText.Of(detail)}" : "")}";
    }

    /// <summary>One word when it is the same for all; else each server's.</summary>
    private static string Routes(ImmutableArray<FailoverServer> announcers)
    {
        string[] words = [.. announcers.Select(server => FailoverText.Word(server.Status)).Distinct()];
        return words.Length == 1 ? words[0] : string.Join(", ", announcers.Select(server => $"{PlainText.Of(server.Server)} {FailoverText.Word(server.Status)}"));
    }

    private static string CutOff(EdgeCutOff cutOff)
    {
        string?[] sites =
        [
            Sites(cutOff.Serving, "serves on", "serve on"), Sites(cutOff.Revalidating, "revalidates", "revalidate"), Sites(cutOff.Draining, "asks to drain", "ask to drain"),
        ];
        string since = cutOff.Seconds is { } seconds ? $"for {Units.Span(TimeSpan.FromSeconds(seconds))}" : "since its start";
        return $"cut off {since}, purges may be missing there: {string.Join(", ", sites.Where(s => s is not null))}";
    }

    private static string? Sites(int count, string one, string many) => count switch { 0 => null, 1 => $"1 site {one}", _ => $"{count} sites {many}" };

    private static string State(EdgeDiskState state) => state switch
    {
        EdgeDiskState.Open => "[green]open[/]",
        EdgeDiskState.Opening => "[yellow]opening[/]",
        _ => $"[red]{Name(state)}[/]",
    };

    private static string Name(EdgeDiskState state) => state == EdgeDiskState.ReadOnly ? "read-only" : state.ToString().ToLowerInvariant();
}
