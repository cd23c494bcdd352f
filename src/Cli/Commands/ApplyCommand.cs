using System.CommandLine;
using OrleansCdn.Cli.Api;
using OrleansCdn.Cli.Output;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Cli.Commands;

/// <summary><c>cdn apply FILE</c>: check here, show the difference, ask, apply what was shown and nothing else.</summary>
internal static class ApplyCommand
{
    public static Command Create(CliHost host)
    {
        var api = new ApiOptions(host);
        var file = new Argument<string>("FILE") { Description = "Config file (docs/configuration.md)" };
        Option<bool> yes = Confirmation.YesOption();
        var dryRun = new Option<bool>("--dry-run") { Description = "Show the difference only" };
        var why = new Option<string?>("--why") { Description = "Reason, kept in the history", HelpName = "TEXT" };
        var command = new Command("apply", "Put a config in force: shows the difference first, then asks.") { file, yes, dryRun, why };
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

            string path = parsed.GetValue(file)!;
            string yaml = ConfigFile.ReadConfig(path, host);
            ConfigFile.Check(path, yaml, host);
            using ApiClient client = api.Connect(parsed);
            ConfigApplyReply difference = await client.ApplyAsync(yaml, dryRun: true, null, null, cancellationToken, parsed.GetValue(overrideRpki));
            if (!ShowAndAsk(host, difference, json, parsed.GetValue(dryRun), parsed.GetValue(yes)))
            {
                return ExitCode.Done;
            }

            ConfigApplyReply applied = await client.ApplyAsync(
                yaml, dryRun: false, difference.Version, parsed.GetValue(why), cancellationToken, parsed.GetValue(overrideRpki));
            WriteApplied(host, applied, json);
            return ExitCode.Done;
        });
        return command.WithExamples(
            "cdn apply three-pops.yaml --dry-run                    show what would change",
            "cdn apply three-pops.yaml --why \"longer grace\"         show, ask, apply",
            "cdn apply three-pops.yaml --yes --json                 from a script");
    }

    /// <summary>False when nothing is left to do: no difference, a dry run, or a no.</summary>
    public static bool ShowAndAsk(CliHost host, ConfigApplyReply difference, bool json, bool dryRun, bool yes)
    {
        bool nothing = difference.Changes.IsEmpty && difference.Version != 0;
        if (json)
        {
            if (nothing || dryRun)
            {
                host.WriteJson(difference, ContractsJson.Default.ConfigApplyReply);
                return false;
            }
        }
        else if (nothing)
        {
            host.Out.WriteLine($"Nothing to change: version {difference.Version} is the same.");
            return false;
        }
        else
        {
            host.Out.WriteLine(ChangeList.Title(difference));
            ChangeList.Write(host.Console, difference.Changes);
        }

        if (dryRun)
        {
            return false;
        }

        if (!yes && !Confirmation.Ask(host, "Apply?"))
        {
            throw new CommandFailure(ExitCode.Failed, "not applied");
        }

        return true;
    }

    public static void WriteApplied(CliHost host, ConfigApplyReply applied, bool json)
    {
        if (json)
        {
            host.WriteJson(applied, ContractsJson.Default.ConfigApplyReply);
        }
        else
        {
            host.Out.WriteLine($"Version {applied.Version} is in force.");
        }
    }
}
