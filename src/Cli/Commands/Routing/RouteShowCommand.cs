using System.CommandLine;
using System.Globalization;
using OrleansCdn.Cli.Output;
using OrleansCdn.Contracts.Api;
using Spectre.Console;

namespace OrleansCdn.Cli.Commands.Routing;

/// <summary><c>cdn route show</c>: what each upstream is to see, and whether it does.</summary>
internal static class RouteShowCommand
{
    public static Command Create(CliHost host) => RouteViewCommand.Create(
        host,
        "show",
        "Show what each upstream is to see, what is set beyond the config, and whether it is on the wire.",
        routes => Write(host, routes),
        _ => ExitCode.Done)
        .WithExamples(
            "cdn route show", "cdn route show lax", "cdn route show --json | jq '.pops[].upstreams[] | select(.difference != []) | .upstream'");

    private static void Write(CliHost host, RoutesReply routes)
    {
        Table table = new Table().Border(TableBorder.Rounded).AddColumns("PoP", "Upstream", "AS", "Prefix", "Is to see", "Set beyond the config", "On the wire");
        foreach ((_, PopRoutes pop, UpstreamRoutes upstream) in RouteViewCommand.Upstreams(routes))
        {
            bool isFirst = true;
            foreach (SeenRoute route in upstream.Desired)
            {
                table.AddRow(
                    isFirst ? Markup.Escape(pop.Pop) : "",
                    isFirst ? Markup.Escape(upstream.Upstream) : "",
                    isFirst ? upstream.Asn.ToString(CultureInfo.InvariantCulture) : "",
                    route.Prefix.ToString(),
                    Markup.Escape(RouteText.Seen(route)),
                    isFirst ? Markup.Escape(RouteText.Intent(upstream.Intent)) : "",
                    isFirst ? State(upstream) : "");
                isFirst = false;
            }
        }

        host.Console.Write(table);
        IEnumerable<string> problems = routes.Pops.SelectMany(p => p.Announcers.SelectMany(a => a.Problems.Select(problem => $"{p.Pop}/{a.Edge}: {problem}")))
            .Concat(RouteViewCommand.Upstreams(routes).SelectMany(at => at.Upstream.Problems.Select(problem => $"{at.Name}: {problem}")));
        foreach (string problem in problems)
        {
            host.Out.WriteLine(PlainText.Of(problem));
        }
    }

    private static string State(UpstreamRoutes upstream) => upstream.Difference.Length switch
    {
        0 => "[green]yes[/]",
        1 => $"[yellow]{Markup.Escape(PlainText.Of(upstream.Difference[0]))}[/]",
        _ => $"[yellow]{upstream.Difference.Length} differences[/]",
    };
}
