using System.CommandLine;
using OrleansCdn.Cli.Api;
using OrleansCdn.Cli.LabInternet;
using OrleansCdn.Cli.Output;
using OrleansCdn.Contracts.Routing;
using Spectre.Console;

namespace OrleansCdn.Cli.Commands;

/// <summary><c>cdn internet</c>: which PoP is reached from where in the lab's internet.</summary>
internal static class InternetCommand
{
    public const string UrlVariable = "CDN_INTERNET";

    /// <summary>Where the lab's listens when the lab is told nothing else.</summary>
    public const string DefaultUrl = "http://127.0.0.1:8083";

    private static readonly TimeSpan AskEvery = TimeSpan.FromSeconds(1);

    public static Command Create(CliHost host)
    {
        var url = new Option<string?>("--url") { Description = $"The lab's internet [default: ${UrlVariable}, else {DefaultUrl}]", HelpName = "URL" };
        var watch = new Option<bool>("--watch") { Description = "Go on until Ctrl-C" };
        var json = new Option<bool>(ApiOptions.JsonFlag) { Description = "Write the answer as JSON, with all that each vantage point hears" };
        var command = new Command(
            "internet", "Show which PoP the lab's vantage points reach and by which path, what each neighbour has received, and the last change. Ends with 3 when a session is down.")
        {
            url, watch, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using InternetClient client = new(Url(parsed.GetValue(url), host));
            if (parsed.GetValue(watch))
            {
                await WatchAsync(host, client, cancellationToken);
                return ExitCode.Done;
            }

            InternetReply reply = await client.LookAsync(cancellationToken);
            if (parsed.GetValue(json))
            {
                host.WriteJson(reply, LabInternetJson.Default.InternetReply);
            }
            else
            {
                InternetText.Write(host, reply);
            }

            return reply.Neighbors.All(n => n.State == BgpState.Established) ? ExitCode.Done : ExitCode.Partial;
        });
        return command.WithExamples(
            "cdn internet",
            "cdn internet --watch",
            "cdn internet --json | jq '.prefixes[].vantages[] | {name, pop, asPath}'",
            "cdn internet --json | jq '.changes[-1].moved'");
    }

    private static Uri Url(string? given, CliHost host)
    {
        string text = given ?? (host.Variable(UrlVariable) is { Length: > 0 } value ? value : DefaultUrl);
        return Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https"
            ? url
            : throw new CommandFailure(ExitCode.Usage, $"'{text}' is not a URL", $"Give --url or {UrlVariable} like {DefaultUrl}.");
    }

    private static Task WatchAsync(CliHost host, InternetClient client, CancellationToken cancellationToken)
    {
        if (!host.Interactive)
        {
            throw new CommandFailure(ExitCode.Usage, "--watch is for a terminal", "Leave it out, and ask again from the script.");
        }

        return host.Console.Live(new Text("")).StartAsync(async live =>
        {
            while (true)
            {
                live.UpdateTarget(InternetText.Render(await client.LookAsync(cancellationToken)));
                live.Refresh();
                await Task.Delay(AskEvery, host.Time, cancellationToken);
            }
        });
    }
}
