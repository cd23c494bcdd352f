using System.Collections.Immutable;
using System.Globalization;
using OrleansCdn.Cli.Commands.Routing;
using OrleansCdn.Cli.LabInternet;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Internet.Catchments;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace OrleansCdn.Cli.Output;

/// <summary>The lab's internet for people.</summary>
internal static class InternetText
{
    /// <summary>Of one change; there is <c>--json</c> for all.</summary>
    private const int MaxLines = 30;

    public static void Write(CliHost host, InternetReply reply)
    {
        foreach (PrefixView prefix in reply.Prefixes)
        {
            host.Out.WriteLine(Heading(prefix));
            host.Console.Write(Vantages(prefix));
        }

        host.Console.Write(Neighbors(reply));
        foreach (string line in LastChange(reply))
        {
            host.Out.WriteLine(line);
        }
    }

    public static Rows Render(InternetReply reply) => new(
    [
        .. reply.Prefixes.SelectMany(p => (IRenderable[])[new Text(Heading(p)), Vantages(p)]),
        Neighbors(reply),
        .. LastChange(reply).Select(line => new Text(line)),
    ]);

    /// <summary>How many vantage points of each region reach which PoP: the lab's own table.</summary>
    public static Table Regions(InternetReply reply)
    {
        Table table = new Table().Border(TableBorder.Rounded).AddColumns("Prefix", "Visitors in", "Reach");
        foreach (PrefixView prefix in reply.Prefixes)
        {
            foreach (IGrouping<string, Catchment> region in prefix.Vantages.GroupBy(v => v.Region))
            {
                IEnumerable<string> pops = region.GroupBy(v => v.Pop ?? CatchmentText.Nowhere).OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal)
                    .Select(g => string.Create(CultureInfo.InvariantCulture, $"{g.Key} {g.Count()}"));
                table.AddRow(prefix.Prefix, Markup.Escape(region.Key), Markup.Escape(string.Join(", ", pops)));
            }
        }

        return table;
    }

    private static string Heading(PrefixView prefix) =>
        string.Create(CultureInfo.InvariantCulture, $"{prefix.Prefix} from {prefix.Vantages.Length} networks of visitors:");

    private static Table Vantages(PrefixView prefix)
    {
        Table table = new Table().Border(TableBorder.Rounded).AddColumns("Visitors of", "In", "Reach", "By", "AS path");
        foreach (Catchment vantage in prefix.Vantages)
        {
            table.AddRow(
                Markup.Escape(PlainText.Of(vantage.Who)),
                Markup.Escape($"{vantage.Place}, {vantage.Region}"),
                vantage.Pop is null ? $"[red]{CatchmentText.Nowhere}[/]" : Markup.Escape(CatchmentText.Pop(vantage)),
                Markup.Escape(PlainText.Of(vantage.Way)),
                vantage.AsPath);
        }

        return table;
    }

    private static Table Neighbors(InternetReply reply)
    {
        Table table = new Table().Border(TableBorder.Rounded).AddColumns("PoP", "Server", "Upstream", "Network", "State", "For", "Has received");
        foreach (NeighborView neighbor in reply.Neighbors)
        {
            table.AddRow(
                Markup.Escape(neighbor.Pop),
                Markup.Escape(neighbor.Edge),
                Markup.Escape(neighbor.Upstream),
                neighbor.Network.Length == 0 ? $"[yellow]AS{neighbor.NetworkAsn} is not in the graph[/]" : Markup.Escape($"{neighbor.Network} (AS{neighbor.NetworkAsn})"),
                neighbor.State == BgpState.Established ? "[green]Established[/]" : $"[red]{neighbor.State}[/]",
                BgpText.Duration(reply.When - neighbor.Since),
                Markup.Escape(neighbor.Routes.IsEmpty ? "nothing" : string.Join('\n', neighbor.Routes.Select(Text))));
        }

        return table;
    }

    private static string Text(ReceivedRoute route) =>
        $"{route.Prefix}  {string.Join(' ', route.AsPath)}{(route.Communities.IsEmpty ? "" : ", " + string.Join(' ', route.Communities))}";

    private static IEnumerable<string> LastChange(InternetReply reply)
    {
        if (reply.Changes.LastOrDefault() is not { } last)
        {
            return ["No neighbour has heard anything yet."];
        }

        ImmutableArray<string> lines =
        [
            .. last.What.Select(PlainText.Of),
            .. last.Moved.Select(m => $"{PlainText.Of(m.Name)} ({m.Place}) moves: {m.From ?? CatchmentText.Nowhere} → {m.To ?? CatchmentText.Nowhere}"),
        ];
        string rest = lines.Length > MaxLines ? string.Create(CultureInfo.InvariantCulture, $"  and {lines.Length - MaxLines} more (--json)") : "";
        return [$"Last change, {BgpText.Duration(reply.When - last.When)} ago:", .. lines.Take(MaxLines).Select(l => "  " + l), .. rest.Length > 0 ? [rest] : (string[])[]];
    }
}
