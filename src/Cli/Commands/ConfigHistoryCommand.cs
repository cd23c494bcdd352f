using System.CommandLine;
using System.Globalization;
using OrleansCdn.Cli.Api;
using OrleansCdn.Cli.Output;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using Spectre.Console;

namespace OrleansCdn.Cli.Commands;

/// <summary><c>cdn config history</c>: who changed what, when and why.</summary>
internal static class ConfigHistoryCommand
{
    public static Command Create(CliHost host)
    {
        var api = new ApiOptions(host);
        var command = new Command("history", "List the versions of the config.");
        api.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using ApiClient client = api.Connect(parsed);
            ConfigHistoryReply history = await client.HistoryAsync(cancellationToken);
            if (parsed.GetValue(api.Json))
            {
                host.WriteJson(history, ContractsJson.Default.ConfigHistoryReply);
                return ExitCode.Done;
            }

            if (history.Versions.IsEmpty)
            {
                host.Out.WriteLine("No config yet. Apply one with 'cdn apply FILE'.");
                return ExitCode.Done;
            }

            Table table = new Table().Border(TableBorder.Rounded)
                .AddColumn(new TableColumn("Version").RightAligned())
                .AddColumns("When", "Who")
                .AddColumn(new TableColumn("Changes").RightAligned())
                .AddColumn("Why");
            foreach (ConfigVersionInfo version in history.Versions)
            {
                table.AddRow(
                    version.Version.ToString(CultureInfo.InvariantCulture),
                    Units.Time(version.When),
                    Markup.Escape(version.Who),
                    Units.Count(version.Changes),
                    Markup.Escape(Why(version)));
            }

            host.Console.Write(table);
            return ExitCode.Done;
        });
        return command.WithExamples("cdn config history", "cdn config history --json | jq .versions[0]");
    }

    private static string Why(ConfigVersionInfo version) => version switch
    {
        { RolledBackTo: { } old, Why: { } why } => $"back to {old}: {why}",
        { RolledBackTo: { } old } => $"back to {old}",
        _ => version.Why ?? "",
    };
}
