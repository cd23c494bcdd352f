using System.CommandLine;
using System.Globalization;
using OrleansCdn.Cli.Api;
using OrleansCdn.Cli.Output;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Config;
using Spectre.Console;

namespace OrleansCdn.Cli.Commands.Routing;

/// <summary><c>cdn route history</c>: who changed what an upstream sees, when and why.</summary>
internal static class RouteHistoryCommand
{
    public static Command Create(CliHost host)
    {
        var api = new ApiOptions(host);
        Argument<string> where = RoutePlace.OneUpstream();
        var command = new Command("history", "List who changed what an upstream sees: when, why, and what it was before.") { where };
        api.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            (string pop, string upstream) = RoutePlace.ParseOne(parsed.GetValue(where)!);
            using ApiClient client = api.Connect(parsed);
            RouteHistoryReply history = await client.RouteHistoryAsync(pop, upstream, cancellationToken);
            if (parsed.GetValue(api.Json))
            {
                host.WriteJson(history, ContractsJson.Default.RouteHistoryReply);
            }
            else if (history.Versions.IsEmpty)
            {
                host.Out.WriteLine("Nothing was ever set here: the upstream sees what the config says.");
            }
            else
            {
                Write(host, history);
            }

            return ExitCode.Done;
        });
        return command.WithExamples("cdn route history lax/vultr", "cdn route history lax/vultr --json | jq .versions[-1]");
    }

    private static void Write(CliHost host, RouteHistoryReply history)
    {
        Table table = new Table().Border(TableBorder.Rounded)
            .AddColumn(new TableColumn("Version").RightAligned())
            .AddColumns("When", "Who", "From", "What", "Before", "Why");
        foreach (IntentVersion version in history.Versions)
        {
            table.AddRow(
                version.Version.ToString(CultureInfo.InvariantCulture),
                Units.Time(version.When),
                Markup.Escape(PlainText.Of(version.Who)),
                Markup.Escape(version.From ?? ""),
                Markup.Escape(PlainText.Of(version.What + Notes(version))),
                Markup.Escape(string.Join("; ", version.Changes.Select(Before))),
                Markup.Escape(PlainText.Of(version.Why ?? "")));
        }

        host.Console.Write(table);
    }

    private static string Notes(IntentVersion version) => (version.Forced ? " (forced)" : "") + (version.RpkiOverridden ? " (RPKI overridden)" : "");

    private static string Before(ConfigChange change) => $"{change.Path}: {change.Before ?? "not set"}";
}
