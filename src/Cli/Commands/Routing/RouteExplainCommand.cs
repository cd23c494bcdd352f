using System.CommandLine;
using OrleansCdn.Cli.Output;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Cli.Commands.Routing;

/// <summary><c>cdn route explain</c>: why an upstream sees what it sees.</summary>
internal static class RouteExplainCommand
{
    public static Command Create(CliHost host) => RouteViewCommand.Create(
        host,
        "explain",
        "Say why upstreams see what they see: who asked for what, and which communities express it.",
        routes =>
        {
            foreach ((string name, _, UpstreamRoutes upstream) in RouteViewCommand.Upstreams(routes))
            {
                Write(host.Out, name, upstream);
            }
        },
        _ => ExitCode.Done)
        .WithExamples("cdn route explain lax/vultr", "cdn route explain");

    private static void Write(TextWriter output, string name, UpstreamRoutes upstream)
    {
        output.WriteLine($"{name} (AS{upstream.Asn}, {upstream.Kind.ToString().ToLowerInvariant()}, catalogue {PlainText.Of(upstream.Provider)})");
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
