using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using OrleansCdn.Cli.Api;
using OrleansCdn.Cli.Output;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Cli.Commands;

/// <summary><c>cdn prewarm</c>: begins a job that fetches URLs ahead of visitors; its subcommands look after jobs.</summary>
internal static class PrewarmCommand
{
    /// <summary>A file of the largest number of the longest URLs does not fit the API anyway.</summary>
    private const long MaxFileBytes = 16 * 1024 * 1024;

    public static Command Create(CliHost host)
    {
        var api = new ApiOptions(host);
        var site = new Option<string?>("--site") { Description = "Id of the site [default: the only one]", HelpName = "ID" };
        var urls = new Option<string[]>("--url") { Description = "URL to fetch; can be given again", HelpName = "URL" };
        var file = new Option<string?>("--file") { Description = "File with a URL on each line; - for standard input", HelpName = "FILE" };
        var sitemap = new Option<string?>("--sitemap") { Description = "URL of a sitemap or sitemap index of the site", HelpName = "URL" };
        var top = new Option<int?>("--top") { Description = "The N most popular URLs of the site", HelpName = "N" };
        var missed = new Option<bool>("--missed") { Description = "What other PoPs have of the most popular URLs and --pop has not (of --top N) [default: 1000]" };
        var deadline = new Option<TimeSpan?>("--deadline")
        {
            Description = "End then, however far it is: 30s, 10m [default: when it is done]", HelpName = "TIME", CustomParser = DurationText.Parse,
        };
        var pops = new Option<string[]>("--pop") { Description = "Only this PoP; can be given again [default: all]", HelpName = "ID" };
        var rate = new Option<double?>("--rate")
        {
            Description = string.Create(CultureInfo.InvariantCulture, $"Requests per second to the origin [default: {PrewarmRequest.DefaultRequestsPerSecond}]"), HelpName = "N",
        };
        var bytesRate = new Option<long?>("--bytes-rate") { Description = "Bytes per second from the origin [default: no limit]", HelpName = "N" };
        var encodings = new Option<PrewarmEncoding[]>("--encoding")
        {
            Description = "Variant to fetch where responses vary by it; can be given again [default: all]", HelpName = "NAME",
        };
        var wait = new Option<bool>("--wait") { Description = "Show the progress and wait for the end" };
        var command = new Command("prewarm", "Fetch URLs to PoPs ahead of visitors, each once from the origin.")
        {
            site, urls, file, sitemap, top, missed, pops, rate, bytesRate, encodings, deadline, wait,
        };
        api.AddTo(command);
        command.Validators.Add(result =>
        {
            int sources = new[]
            {
                result.GetValue(urls) is { Length: > 0 }, result.GetValue(file) is not null, result.GetValue(sitemap) is not null, result.GetValue(top) is not null || result.GetValue(missed),
            }.Count(given => given);
            if (sources != 1)
            {
                result.AddError("give one of --url, --file, --sitemap, --top and --missed, or a subcommand");
            }
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            ImmutableArray<string> list = parsed.GetValue(file) is { } path ? await ReadAsync(host, path, cancellationToken) : [.. parsed.GetValue(urls) ?? []];
            using ApiClient client = api.Connect(parsed);
            var request = new PrewarmRequest
            {
                Site = parsed.GetValue(site) ?? await OnlySite.FindAsync(client, cancellationToken),
                Urls = list,
                Sitemap = parsed.GetValue(sitemap),
                Top = parsed.GetValue(top),
                Missed = parsed.GetValue(missed),
                DeadlineSeconds = parsed.GetValue(deadline) is { } end ? (int)Math.Ceiling(end.TotalSeconds) : null,
                Pops = [.. parsed.GetValue(pops) ?? []],
                RequestsPerSecond = parsed.GetValue(rate),
                BytesPerSecond = parsed.GetValue(bytesRate),
                Encodings = [.. parsed.GetValue(encodings) ?? []],
            };
            PrewarmReply reply = await client.PrewarmAsync(request, cancellationToken);
            bool json = parsed.GetValue(api.Json);
            if (parsed.GetValue(wait))
            {
                reply = await PrewarmProgress.FollowAsync(host, client, reply, json, cancellationToken);
            }

            if (json)
            {
                host.WriteJson(reply, ContractsJson.Default.PrewarmReply);
            }
            else if (!parsed.GetValue(wait))
            {
                host.Out.WriteLine($"Prewarm {reply.Id} is on its way: {PrewarmText.Urls(reply)} to {reply.Pops.Length} PoPs. 'cdn prewarm status {reply.Id}' follows it.");
            }

            return parsed.GetValue(wait) ? PrewarmText.Conclude(host, reply, json) : ExitCode.Done;
        });
        command.Subcommands.Add(PrewarmJobCommands.Status(host));
        command.Subcommands.Add(PrewarmJobCommands.List(host));
        command.Subcommands.Add(PrewarmJobCommands.Of(host, "pause", "Hold a job; what is under way is finished.", ApiRoutes.PrewarmPause));
        command.Subcommands.Add(PrewarmJobCommands.Of(host, "resume", "Let a paused job go on.", ApiRoutes.PrewarmResume));
        command.Subcommands.Add(PrewarmJobCommands.Of(host, "cancel", "End a job.", ApiRoutes.PrewarmCancel));
        return command.WithExamples(
            "cdn prewarm --site www --url https://www.example.net/ --wait",
            "cdn prewarm --site www --file urls.txt --pop waw --pop lax --rate 20",
            "cdn prewarm --site www --sitemap https://www.example.net/sitemap.xml --wait",
            "cdn prewarm --site www --top 1000 --pop grr --wait",
            "cdn prewarm --site www --missed --pop lax --deadline 60s --wait",
            "cdn prewarm list");
    }

    private static async Task<ImmutableArray<string>> ReadAsync(CliHost host, string path, CancellationToken cancellationToken)
    {
        try
        {
            if (path != "-" && new FileInfo(path).Length > MaxFileBytes)
            {
                throw new CommandFailure(ExitCode.Usage, $"{path} is larger than {Units.Bytes(MaxFileBytes)}", "Split it up.");
            }

            using TextReader reader = path == "-" ? host.In : new StreamReader(path);
            var lines = ImmutableArray.CreateBuilder<string>();
            while (await reader.ReadLineAsync(cancellationToken) is { } line)
            {
                if (line.Trim() is { Length: > 0 } url)
                {
                    lines.Add(url);
                }

                if (lines.Count > PrewarmRequest.MaxUrls)
                {
                    throw new CommandFailure(ExitCode.Usage, $"there are more than {Units.Count(PrewarmRequest.MaxUrls)} URLs", "Split them up.");
                }
            }

            return lines.Count > 0 ? lines.ToImmutable() : throw new CommandFailure(ExitCode.Usage, $"{path} has no URL", "Give a URL on each line.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure(ExitCode.Usage, $"{path} cannot be read: {error.Message}");
        }
    }
}
