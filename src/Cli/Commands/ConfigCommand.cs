using System.CommandLine;

namespace OrleansCdn.Cli.Commands;

/// <summary><c>cdn config</c>: the group.</summary>
internal static class ConfigCommand
{
    public static Command Create(CliHost host)
    {
        var command = new Command("config", "Look at configs and go back to earlier ones.");
        command.Subcommands.Add(ConfigShowCommand.Create(host));
        command.Subcommands.Add(ConfigHistoryCommand.Create(host));
        command.Subcommands.Add(ConfigRollbackCommand.Create(host));
        command.Subcommands.Add(ConfigCheckCommand.Create(host));
        return command.WithExamples(
            "cdn config check three-pops.yaml     without a silo",
            "cdn config show > now.yaml",
            "cdn config history",
            "cdn config rollback 12");
    }
}
