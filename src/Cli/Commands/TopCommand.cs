using System.CommandLine;
using System.Globalization;
using OrleansCdn.Cli.Api;
using OrleansCdn.Cli.Output;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Cli.Commands;

/// <summary><c>cdn top</c>: what is asked for most.</summary>
internal static class TopCommand
{
    public static Command Create(CliHost host)
    {
        var api = new ApiOptions(host);
        var site = new Option<string?>("--site") { Description = "Id of the site [default: the only one]", HelpName = "ID" };
        var count = new Option<int?>("-n", "--count") { Description = "URLs to show, 1 to 10000 [default: 20]", HelpName = "N" };
        var pop = new Option<string?>("--pop") { Description = "Count the edges of this PoP only", HelpName = "ID" };
        var command = new Command("top", "Show the URLs of a site that are asked for most, and how many of those requests missed.") { site, count, pop };
        api.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using ApiClient client = api.Connect(parsed);
            string asked = parsed.GetValue(site) ?? await OnlySite.FindAsync(client, cancellationToken);
            PopularityView view = await client.TopAsync(asked, parsed.GetValue(count), parsed.GetValue(pop), cancellationToken);
            if (parsed.GetValue(api.Json))
            {
                host.WriteJson(view, ContractsJson.Default.PopularityView);
            }
            else
            {
                Write(host.Out, view);
            }

            return ExitCode.Done;
        });
        return command.WithExamples(
            "cdn top --site www",
            "cdn top --site www -n 100 --pop waw",
            "cdn top --site www -n 1000 --json | jq -r '.urls[].url'");
    }

    private static void Write(TextWriter output, PopularityView view)
    {
        string at = view.Pop is null ? "" : $" at {view.Pop}";
        output.WriteLine($"{view.Site}{at}: {Units.Rate(view.PerMinute)} requests a minute over {view.Edges} edges, {Percent(view.MissesPerMinute, view.PerMinute)} missed");
        if (view.Urls.IsEmpty)
        {
            output.WriteLine("No URL is known yet: edges tell every ten seconds.");
            return;
        }

        output.WriteLine($"{"a minute",10} {"share",7} {"missed",7}  URL");
        foreach (PopularUrl url in view.Urls)
        {
            string share = Percent(url.Share, 1);
            output.WriteLine($"{Units.Rate(url.PerMinute),10} {share,7} {Percent(url.MissesPerMinute, url.PerMinute),7}  {PlainText.Of(url.Url)}");
        }
    }

    private static string Percent(double part, double whole) =>
        whole <= 0 ? "-" : (100 * Math.Min(1, part / whole)).ToString("0.0", CultureInfo.InvariantCulture) + " %";
}
