using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using OrleansCdn.Cli.Api;
using OrleansCdn.Cli.Output;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Internet;
using OrleansCdn.Internet.Catchments;
using OrleansCdn.Internet.Graph;

namespace OrleansCdn.Cli.Commands.Routing;

/// <summary><c>cdn route whatif</c>: who would reach which PoP.</summary>
internal static class RouteWhatIfCommand
{
    /// <summary>More do not fit on a command line that people write.</summary>
    private const int MaxFrom = 1_000;

    public static Command Create(CliHost host)
    {
        var api = new ApiOptions(host);
        var arguments = new RouteChangeArguments(null);
        var graph = new Option<string?>("--graph")
        {
            Description = "Networks and their relations: a file of CAIDA's, plain or gzip, or a .yaml [default: the lab's internet]",
            HelpName = "FILE",
        };
        var from = new Option<uint[]>("--from")
        {
            Description = "Show these networks [default: the graph's vantage points]", HelpName = "ASN", AllowMultipleArgumentsPerToken = true, Arity = new ArgumentArity(0, MaxFrom),
        };
        var command = new Command(
            "whatif", "Predict who would reach which PoP, and change nothing. Takes what 'cdn route set' takes. Ends with 3 when an upstream is not in the graph.");
        arguments.AddTo(command);
        command.Options.Add(graph);
        command.Options.Add(from);
        api.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            RouteChangeRequest request = arguments.Read(parsed) with { DryRun = true, Force = true, OverrideRpki = true };
            GraphFile file = await GraphInput.ReadAsync(parsed.GetValue(graph), host, cancellationToken);
            ImmutableArray<uint> shown = [.. parsed.GetValue(from) ?? []];
            RequireKnown(file, shown);
            using ApiClient client = api.Connect(parsed);
            RouteChangeReply change = await client.ChangeRoutesAsync(request, cancellationToken);
            ConfigVersionReply inForce = await client.ConfigAsync(null, cancellationToken);
            RoutesReply routes = await client.RoutesAsync(null, null, cancellationToken);
            CdnConfig config = ConfigFile.Check("the config in force", inForce.Yaml, host);
            Forecast forecast = Forecast.Of(file, config, Seen(config, routes, change), shown);
            if (parsed.GetValue(api.Json))
            {
                host.WriteJson(forecast, InternetJson.Default.Forecast);
            }
            else
            {
                RouteText.WritePreview(host, change.Upstreams);
                ForecastText.Write(host, forecast);
            }

            foreach (string unknown in forecast.Unknown)
            {
                host.Error.WriteLine($"cdn: {PlainText.Of(unknown)} is not in this graph: what it passes on is left out");
            }

            return forecast.Unknown.IsEmpty ? ExitCode.Done : ExitCode.Partial;
        });
        return command.WithExamples(
            "cdn route whatif lax --carrier 2914 withdraw                       who moves when NTT no longer hears of Los Angeles",
            "cdn route whatif waw withdraw",
            "cdn route whatif lax/vultr prepend 2 --graph 20260101.as-rel2.txt.gz --from 3320 5617",
            "cdn route whatif lax prepend 1 --json | jq '.prefixes[].shown[] | select(.before.pop != .after.pop) | .after.name'");
    }

    private static void RequireKnown(GraphFile file, ImmutableArray<uint> shown)
    {
        HashSet<uint> known = [.. file.Networks.Select(n => n.Asn)];
        string[] unknown = [.. shown.Where(asn => !known.Contains(asn)).Select(asn => string.Create(CultureInfo.InvariantCulture, $"AS{asn}"))];
        if (unknown.Length > 0)
        {
            throw new CommandFailure(ExitCode.Failed, $"not in {file.Name}: {string.Join(", ", unknown)}", "Give --from networks of the graph, or another --graph.");
        }
    }

    /// <summary>What every upstream is to see now, and then; a change of the config in between leaves out what both do not know.</summary>
    private static ImmutableArray<SeenAt> Seen(CdnConfig config, RoutesReply routes, RouteChangeReply change)
    {
        var seen = ImmutableArray.CreateBuilder<SeenAt>();
        foreach (PopRoutes pop in routes.Pops)
        {
            foreach (UpstreamRoutes upstream in pop.Upstreams)
            {
                if (config.FindPop(pop.Pop) is { } place && place.Upstreams.FirstOrDefault(u => u.Id == upstream.Upstream) is { } known)
                {
                    RoutePreview? preview = change.Upstreams.FirstOrDefault(c => c.Pop == pop.Pop && c.Upstream == upstream.Upstream)?.Preview;
                    seen.Add(new SeenAt(place, known, preview?.Before ?? upstream.Desired, preview?.After ?? upstream.Desired));
                }
            }
        }

        return seen.ToImmutable();
    }
}
