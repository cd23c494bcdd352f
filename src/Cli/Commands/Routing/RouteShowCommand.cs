using System.CommandLine;
using System.Globalization;
using OrleansCdn.Cli.Api;
using OrleansCdn.Cli.Output;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using Spectre.Console;

namespace OrleansCdn.Cli.Commands.Routing;

/// <summary><c>cdn route show</c>: what each upstream is to see, and whether it does.</summary>
internal static class RouteShowCommand
{
    public static Command Create(CliHost host)
    {
        var api = new ApiOptions(host);
        Argument<string?> where = RoutePlace.OptionalArgument();
        var command = new Command("show", "Show what each upstream is to see, what is set beyond the config, and whether it is on the wire.") { where };
        api.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            RoutePlace place = RoutePlace.Parse(parsed.GetValue(where)!);
            using ApiClient client = api.Connect(parsed);
            RoutesReply routes = await client.RoutesAsync(place.PopFilter, place.Upstream, cancellationToken);
            if (parsed.GetValue(api.Json))
            {
                host.WriteJson(routes, ContractsJson.Default.RoutesReply);
                return ExitCode.Done;
            }

            Write(host, routes);
            return ExitCode.Done;
        });
        return command.WithExamples(
            "cdn route show", "cdn route show lax", "cdn route show --json | jq '.pops[].upstreams[] | select(.difference != []) | .upstream'");
    }

    private static void Write(CliHost host, RoutesReply routes)
    {
        if (routes.Pops.All(p => p.Upstreams.IsEmpty))
        {
            host.Out.WriteLine(routes.ConfigVersion == 0 ? "No config yet. Apply one with 'cdn apply FILE'." : "The config names no upstreams there.");
            return;
        }

        Table table = new Table().Border(TableBorder.Rounded).AddColumns("PoP", "Upstream", "AS", "Prefix", "Is to see", "Set beyond the config", "On the wire");
        foreach (PopRoutes pop in routes.Pops)
        {
            foreach (UpstreamRoutes upstream in pop.Upstreams)
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
        }

        host.Console.Write(table);
        foreach (PopRoutes pop in routes.Pops)
        {
            foreach (AnnouncerState announcer in pop.Announcers)
            {
                foreach (string problem in announcer.Problems)
                {
                    host.Out.WriteLine($"{pop.Pop}/{announcer.Edge}: {PlainText.Of(problem)}");
                }
            }

            foreach (UpstreamRoutes upstream in pop.Upstreams)
            {
                foreach (string problem in upstream.Problems)
                {
                    host.Out.WriteLine($"{pop.Pop}/{upstream.Upstream}: {PlainText.Of(problem)}");
                }
            }
        }
    }

    private static string State(UpstreamRoutes upstream) => upstream.Difference.Length switch
    {
        0 => "[green]yes[/]",
        1 => $"[yellow]{Markup.Escape(PlainText.Of(upstream.Difference[0]))}[/]",
        _ => $"[yellow]{upstream.Difference.Length} differences[/]",
    };
}
