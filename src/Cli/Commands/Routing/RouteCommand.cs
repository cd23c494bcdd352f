using System.CommandLine;

namespace OrleansCdn.Cli.Commands.Routing;

/// <summary><c>cdn route</c>: the group.</summary>
internal static class RouteCommand
{
    public static Command Create(CliHost host)
    {
        var command = new Command("route", "Say what each upstream and each carrier sees of the CDN's prefixes, and see what they see.");
        command.Subcommands.Add(RouteShowCommand.Create(host));
        command.Subcommands.Add(RouteSetCommand.Create(host));
        command.Subcommands.Add(RouteSetCommand.Withdraw(host));
        command.Subcommands.Add(RouteSetCommand.Announce(host));
        command.Subcommands.Add(RouteWhatIfCommand.Create(host));
        command.Subcommands.Add(RouteDiffCommand.Create(host));
        command.Subcommands.Add(RouteExplainCommand.Create(host));
        command.Subcommands.Add(RouteHistoryCommand.Create(host));
        command.Subcommands.Add(RouteRollbackCommand.Create(host));
        command.Subcommands.Add(RouteSchedulesCommand.Create(host));
        return command.WithExamples(
            "cdn route show                                            what each upstream sees",
            "cdn route set lax --carrier 2914 withdraw --why \"slow\"    NTT no longer hears of Los Angeles",
            "cdn route set lax --carrier 2914 default                  and again as the config says",
            "cdn route whatif lax withdraw                             who would reach which PoP then",
            "cdn route diff                                            where the wire is not as desired");
    }
}
