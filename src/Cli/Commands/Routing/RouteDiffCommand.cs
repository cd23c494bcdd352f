using System.CommandLine;
using OrleansCdn.Cli.Output;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Cli.Commands.Routing;

/// <summary><c>cdn route diff</c>: where the wire is not as desired.</summary>
internal static class RouteDiffCommand
{
    public static Command Create(CliHost host) => RouteViewCommand.Create(
        host,
        "diff",
        "List where what the announcers have on the wire is not what is desired; ends with 3 when something is.",
        routes => Write(host.Out, [.. Lines(routes)]),
        routes => Lines(routes).Any() ? ExitCode.Partial : ExitCode.Done)
        .WithExamples("cdn route diff", "cdn route diff lax/vultr", "cdn route diff --json | jq '.pops[].upstreams[].difference'");

    private static IEnumerable<string> Lines(RoutesReply routes) =>
        RouteViewCommand.Upstreams(routes).SelectMany(at => at.Upstream.Problems.Concat(at.Upstream.Difference).Select(line => $"{at.Name}: {line}"));

    private static void Write(TextWriter output, string[] lines)
    {
        foreach (string line in lines.Length == 0 ? ["On the wire is what is desired."] : lines)
        {
            output.WriteLine(PlainText.Of(line));
        }
    }
}
