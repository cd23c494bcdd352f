using System.CommandLine;

namespace OrleansCdn.Cli.Commands.Dns;

/// <summary><c>cdn dns</c>: the group.</summary>
internal static class DnsCommand
{
    public static Command Create(CliHost host)
    {
        var command = new Command("dns", "Look after the zones that the edges answer for.");
        command.Subcommands.Add(DnsCheckCommand.Create(host));
        command.Subcommands.Add(DnsKeysCommand.Create(host));
        command.Subcommands.Add(DnsExplainCommand.Create(host));
        command.Subcommands.Add(DnsStatusCommand.Create(host));
        return command.WithExamples(
            "cdn dns check three-pops.yaml                     zones and steered names, without a silo",
            "cdn dns keys example.net                          keys of a signed zone, and what each waits for",
            "cdn dns explain 193.0.6.139 www.cdn.example.net   where a client is sent, and why",
            "cdn dns status                                    nameservers, zones, queries");
    }
}
