using System.CommandLine;
using OrleansCdn.Cli.Api;
using OrleansCdn.Cli.Output;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Cli.Commands.Routing;

/// <summary>What <c>cdn route show|explain|diff</c> have in common: the routes of a place, for people or as JSON.</summary>
internal static class RouteViewCommand
{
    /// <param name="host">Of the process.</param>
    /// <param name="name">Of the command.</param>
    /// <param name="description">For its help.</param>
    /// <param name="write">For people; there is at least one upstream.</param>
    /// <param name="exitCode">Also with JSON.</param>
    public static Command Create(CliHost host, string name, string description, Action<RoutesReply> write, Func<RoutesReply, int> exitCode)
    {
        var api = new ApiOptions(host);
        Argument<string?> where = RoutePlace.OptionalArgument();
        var command = new Command(name, description) { where };
        api.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            RoutePlace place = RoutePlace.Parse(parsed.GetValue(where)!);
            using ApiClient client = api.Connect(parsed);
            RoutesReply routes = await client.RoutesAsync(place.PopFilter, place.Upstream, cancellationToken);
            if (parsed.GetValue(api.Json))
            {
                host.WriteJson(routes, ContractsJson.Default.RoutesReply);
            }
            else if (routes.Pops.All(p => p.Upstreams.IsEmpty))
            {
                host.Out.WriteLine(routes.ConfigVersion == 0 ? "No config yet. Apply one with 'cdn apply FILE'." : "The config names no upstreams there.");
            }
            else
            {
                write(routes);
            }

            return exitCode(routes);
        });
        return command;
    }

    /// <summary>Each upstream with <c>POP/UPSTREAM</c>, in the order of the config.</summary>
    public static IEnumerable<(string Name, PopRoutes Pop, UpstreamRoutes Upstream)> Upstreams(RoutesReply routes) =>
        routes.Pops.SelectMany(p => p.Upstreams.Select(u => ($"{p.Pop}/{u.Upstream}", p, u)));
}
