using System.Collections.Immutable;
using System.Globalization;
using OrleansCdn.Cli.Output;
using OrleansCdn.Internet.Catchments;
using Spectre.Console;

namespace OrleansCdn.Cli.Commands.Routing;

/// <summary>A forecast for people.</summary>
internal static class ForecastText
{
    public static void Write(CliHost host, Forecast forecast)
    {
        foreach (PrefixForecast prefix in forecast.Prefixes)
        {
            host.Out.WriteLine();
            host.Out.WriteLine($"{string.Join(", ", prefix.Prefixes)} in {PlainText.Of(forecast.Graph)}:");
            WriteShown(host, prefix.Shown);
            WriteTotals(host, prefix);
        }
    }

    private static void WriteShown(CliHost host, ImmutableArray<CatchmentChange> shown)
    {
        ImmutableArray<CatchmentChange> moved = [.. shown.Where(s => s.IsMove)];
        if (shown.IsEmpty)
        {
            return;
        }

        host.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{moved.Length} of {shown.Length} {(shown.Length == 1 ? "network moves" : "networks move")} to another PoP."));
        ImmutableArray<CatchmentChange> rows = moved.IsEmpty ? [.. shown.Where(s => s.Before.AsPath != s.After.AsPath)] : moved;
        if (rows.IsEmpty)
        {
            return;
        }

        Table table = new Table().Border(TableBorder.Rounded).AddColumns("From", "Town", "Reaches now", "By", "Then", "By");
        foreach (CatchmentChange row in rows)
        {
            table.AddRow(
                Markup.Escape(PlainText.Of(row.After.Who)),
                Markup.Escape(PlainText.Of(row.After.Place)),
                Markup.Escape(CatchmentText.Pop(row.Before)),
                Markup.Escape(PlainText.Of(row.Before.Way)),
                Markup.Escape(CatchmentText.Pop(row.After)),
                Markup.Escape(PlainText.Of(row.After.Way)));
        }

        host.Console.Write(table);
    }

    private static void WriteTotals(CliHost host, PrefixForecast prefix)
    {
        Table table = new Table().Border(TableBorder.Rounded).AddColumn("Reach");
        foreach (string column in (string[])["Networks now", "", "Then", " "])
        {
            table.AddColumn(new TableColumn(column).RightAligned());
        }

        foreach (string pop in prefix.Before.Pops.Concat(prefix.After.Pops).Select(p => p.Pop).Distinct().Order(StringComparer.Ordinal))
        {
            Add(pop, prefix.Before.Pops.FirstOrDefault(p => p.Pop == pop)?.Networks ?? 0, prefix.After.Pops.FirstOrDefault(p => p.Pop == pop)?.Networks ?? 0);
        }

        Add("uncertain", prefix.Before.Uncertain, prefix.After.Uncertain);
        Add(CatchmentText.Nowhere, prefix.Before.Unreached, prefix.After.Unreached);
        host.Console.Write(table);
        host.Out.WriteLine("Uncertain: at several PoPs at once, or nothing that is known tells equal routes apart.");

        void Add(string what, int before, int after) => table.AddRow(
            what, Units.Count(before), Units.Ratio(before, prefix.Before.Networks), Units.Count(after), Units.Ratio(after, prefix.After.Networks));
    }
}
