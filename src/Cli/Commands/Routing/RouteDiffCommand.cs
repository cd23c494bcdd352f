using System.CommandLine;
using OrleansCdn.Cli.Api;
using OrleansCdn.Cli.Output;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Cli.Commands.Routing;

/// <summary><c>cdn route diff</c>: where the wire is not as desired.</summary>
internal static class RouteDiffCommand
{
    public static Command Create(CliHost host)
    {
        var api = new ApiOptions(host);
        Argument<string?> where = RoutePlace.OptionalArgument();
        var command = new Command("diff", "List where what the announcers have on the wire is not what is desired; ends with 3 when something is.") { where };
        api.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            RoutePlace place = RoutePlace.Parse(parsed.GetValue(where)!);
            using ApiClient client = api.Connect(parsed);
            RoutesReply routes = await client.RoutesAsync(place.PopFilter, place.Upstream, cancellationToken);
            string[] lines =
            [
                .. routes.Pops.SelectMany(p => p.Upstreams.SelectMany(u => u.Problems.Concat(u.Difference).Select(d => $"{p.Pop}/{u.Upstream}: {d}"))),
            ];
            if (parsed.GetValue(api.Json))
            {
                host.WriteJson(routes, ContractsJson.Default.RoutesReply);
            }
            else if (lines.Length == 0)
            {
                host.Out.WriteLine("On the wire is what is desired.");
            }
            else
            {
                foreach (string line in lines)
                {
                    host.Out.WriteLine(PlainText.Of(line));
                }
            }

            return lines.Length == 0 ? ExitCode.Done : ExitCode.Partial;
        });
        return command.WithExamples("cdn route diff", "cdn route diff lax/vultr", "cdn route diff --json | jq '.pops[].upstreams[].difference'");
    }
}
