using System.CommandLine;
using OrleansCdn.Cli.Api;
using OrleansCdn.Cli.Output;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Cli.Commands.Dns;

/// <summary><c>cdn dns status</c>: the nameservers, by what they have told the silo.</summary>
internal static class DnsStatusCommand
{
    public static Command Create(CliHost host)
    {
        var api = new ApiOptions(host);
        var command = new Command("status", "Show the nameservers: where they listen, zones, queries, what is wrong; and which PoPs visitors are sent to.");
        api.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using ApiClient client = api.Connect(parsed);
            StatusReply status = await client.StatusAsync(cancellationToken);
            if (parsed.GetValue(api.Json))
            {
                host.WriteJson(status, ContractsJson.Default.StatusReply);
            }
            else if (!NameserverTable.Write(host, status))
            {
                host.Out.WriteLine("No edge answers DNS: the config has no zones, or no edge with an address for 'dns' is connected.");
            }

            return ExitCode.Done;
        });
        return command.WithExamples(
            "cdn dns status",
            "cdn dns status --json | jq '.pops[].edges[] | {name, dns: .condition.dns}'");
    }
}
