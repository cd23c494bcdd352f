using System.CommandLine;
using OrleansCdn.Cli.Api;
using OrleansCdn.Cli.Output;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Cli.Commands;

/// <summary><c>cdn config rollback N</c>: puts the text of an earlier version in force as a new version.</summary>
internal static class ConfigRollbackCommand
{
    public static Command Create(CliHost host)
    {
        var api = new ApiOptions(host);
        var version = new Argument<long>("VERSION") { Description = "Version to go back to (cdn config history)" };
        Option<bool> yes = Confirmation.YesOption();
        var dryRun = new Option<bool>("--dry-run") { Description = "Show the difference only" };
        var why = new Option<string?>("--why") { Description = "Reason, kept in the history", HelpName = "TEXT" };
        var command = new Command("rollback", "Go back to an earlier version: shows the difference first, then asks.")
        {
            version, yes, dryRun, why,
        };
        var overrideRpki = new Option<bool>("--override-rpki") { Description = "Also when a ROA does not allow what would be announced; recorded" };
        command.Add(overrideRpki);
        api.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            bool json = parsed.GetValue(api.Json);
            if (!parsed.GetValue(dryRun))
            {
                Confirmation.RequireTerminalOr(parsed.GetValue(yes), host);
            }

            using ApiClient client = api.Connect(parsed);
            ConfigVersionReply old = await client.ConfigAsync(parsed.GetValue(version), cancellationToken);
            ConfigApplyReply difference = await client.ApplyAsync(old.Yaml, dryRun: true, null, null, cancellationToken, parsed.GetValue(overrideRpki));
            if (!ApplyCommand.ShowAndAsk(host, difference, json, parsed.GetValue(dryRun), parsed.GetValue(yes)))
            {
                return ExitCode.Done;
            }

            var request = new ConfigRollbackRequest { Version = parsed.GetValue(version), OverrideRpki = parsed.GetValue(overrideRpki), Why = parsed.GetValue(why) };
            ApplyCommand.WriteApplied(host, await client.RollbackAsync(request, cancellationToken), json);
            return ExitCode.Done;
        });
        return command.WithExamples("cdn config rollback 12 --why \"grace was too long\"", "cdn config rollback 12 --yes --json");
    }
}
