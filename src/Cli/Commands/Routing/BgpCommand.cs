using System.CommandLine;

namespace OrleansCdn.Cli.Commands.Routing;

/// <summary><c>cdn bgp</c>: the group.</summary>
internal static class BgpCommand
{
    public static Command Create(CliHost host)
    {
        var command = new Command("bgp", "Look at the announcers' BGP sessions.");
        command.Subcommands.Add(BgpSessionsCommand.Create(host));
        return command.WithExamples("cdn bgp sessions", "cdn bgp sessions lax --watch", "cdn bgp sessions lax/vultr --detail");
    }
}
