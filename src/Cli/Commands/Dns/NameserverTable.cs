using System.Globalization;
using OrleansCdn.Cli.Output;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Control;
using Spectre.Console;

namespace OrleansCdn.Cli.Commands.Dns;

/// <summary>The nameservers of a status, and below them what is wrong with each.</summary>
internal static class NameserverTable
{
    /// <returns>False: there is none, and nothing was written.</returns>
    public static bool Write(CliHost host, StatusReply status)
    {
        (string Pop, string Edge, EdgeDns Dns)[] servers =
            [.. status.Pops.SelectMany(pop => pop.Edges.Where(e => e.Condition?.Dns is not null).Select(e => (pop.Id, e.Name, e.Condition!.Dns!)))];
        if (servers.Length == 0)
        {
            return false;
        }

        Table table = new Table().Border(TableBorder.Rounded).AddColumns("PoP", "Edge", "DNS", "Listens");
        foreach (string column in (string[])["Config", "Eligibility", "Zones", "Queries", "Steered", "Failures", "Dropped"])
        {
            table.AddColumn(new TableColumn(column).RightAligned());
        }

        foreach ((string pop, string edge, EdgeDns dns) in servers)
        {
            table.AddRow(
                Markup.Escape(pop),
                Markup.Escape(edge),
                State(dns),
                Markup.Escape(dns.Endpoint is null ? "-" : PlainText.Of(dns.Endpoint)),
                dns.ConfigVersion.ToString(CultureInfo.InvariantCulture),
                dns.Epoch.ToString(CultureInfo.InvariantCulture),
                dns.Zones.ToString(CultureInfo.InvariantCulture),
                Units.Count(dns.Queries),
                Units.Count(dns.Steered),
                Units.Count(dns.Failures),
                Units.Count(dns.Dropped));
        }

        host.Console.Write(table);
        foreach ((string pop, string edge, EdgeDns dns) in servers.Where(server => server.Dns.Problem is not null))
        {
            host.Out.WriteLine($"{pop}/{edge}: DNS: {PlainText.Of(dns.Problem!)}");
        }

        return true;
    }

    private static string State(EdgeDns dns) => dns.State switch
    {
        EdgeDnsState.Answering when dns.Problem is null => "[green]answering[/]",
        EdgeDnsState.Answering => "[yellow]answering[/]",
        EdgeDnsState.Starting => "[yellow]starting[/]",
        _ => "[red]failed[/]",
    };
}
