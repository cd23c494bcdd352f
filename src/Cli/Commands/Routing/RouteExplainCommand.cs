using System.CommandLine;
using OrleansCdn.Cli.Api;
using OrleansCdn.Cli.Output;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Cli.Commands.Routing;

/// <summary><c>cdn route explain</c>: why an upstream sees what it sees.</summary>
internal static class RouteExplainCommand
{
    public static Command Create(CliHost host)
    {
        var api = new ApiOptions(host);
        Argument<string> where = RoutePlace.Argument();
        var command = new Command("explain", "Say why upstreams see what they see: who asked for what, and which communities express it.") { where };
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

            foreach (PopRoutes pop in routes.Pops)
            {
                foreach (UpstreamRoutes upstream in pop.Upstreams)
                {
                    Write(host.Out, pop, upstream);
                }
            }

            return ExitCode.Done;
        });
        return command.WithExamples("cdn route explain lax/vultr", "cdn route explain all");
    }

    private static void Write(TextWriter output, PopRoutes pop, UpstreamRoutes upstream)
    {
        output.WriteLine($"{pop.Pop}/{upstream.Upstream} (AS{upstream.Asn}, {upstream.Kind.ToString().ToLowerInvariant()}, catalogue {PlainText.Of(upstream.Provider)})");
        string intent = RouteText.Intent(upstream.Intent);
        Line("set", intent.Length == 0 ? "nothing beyond the config" : $"{intent} (version {upstream.Version})");
        foreach (SeenRoute route in upstream.Desired)
        {
            Line("is to see", $"{route.Prefix}  {RouteText.Seen(route)}");
        }

        WriteAll("why", upstream.Explanation);
        WriteAll("problem", upstream.Problems);
        WriteAll("differs", upstream.Difference);
        WriteAll("schedule", upstream.Schedules.Select(s => RouteSchedulesCommand.Describe(s)));
        output.WriteLine();

        void WriteAll(string label, IEnumerable<string> texts)
        {
            foreach (string text in texts)
            {
                Line(label, text);
            }
        }

        void Line(string label, string text) => output.WriteLine($"  {label,-11}{PlainText.Of(text)}");
    }
}
