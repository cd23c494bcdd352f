using System.CommandLine;
using OrleansCdn.Cli.Api;
using OrleansCdn.Cli.Output;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Cli.Commands;

/// <summary><c>cdn tags</c>: what a tag covers, or which tags there are.</summary>
internal static class TagsCommand
{
    public static Command Create(CliHost host)
    {
        var api = new ApiOptions(host);
        var site = new Option<string?>("--site") { Description = "Id of the site [default: the only one]", HelpName = "ID" };
        var tag = new Option<string?>("--tag") { Description = "What this tag covers [default: list the most used tags]", HelpName = "TAG" };
        var pop = new Option<string?>("--pop") { Description = "Ask the edges of this PoP only", HelpName = "ID" };
        var command = new Command("tags", "Show what a tag covers at each edge, or the most used tags of a site.") { site, tag, pop };
        api.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using ApiClient client = api.Connect(parsed);
            string asked = parsed.GetValue(site) ?? await OnlySite.FindAsync(client, cancellationToken);
            CoverageReply reply = await client.TagsAsync(asked, parsed.GetValue(tag), parsed.GetValue(pop), cancellationToken);
            return CoverageText.Conclude(host, reply, parsed.GetValue(api.Json));
        });
        return command.WithExamples(
            "cdn tags --site www",
            "cdn tags --site www --tag product-17 --pop waw",
            "cdn tags --site www --tag news --json | jq '.pops[].edges[].coverage.memory.objects'");
    }
}
