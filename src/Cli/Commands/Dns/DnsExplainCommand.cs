using System.Collections.Immutable;
using System.CommandLine;
using OrleansCdn.Cli.Api;
using OrleansCdn.Cli.Output;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Dns;

namespace OrleansCdn.Cli.Commands.Dns;

/// <summary><c>cdn dns explain ADDRESS NAME</c>: what nameservers would answer, and why; with a file and databases, without any silo.</summary>
internal static class DnsExplainCommand
{
    public static Command Create(CliHost host)
    {
        var api = new ApiOptions(host);
        var address = new Argument<string>("ADDRESS") { Description = "Who asks: a resolver, or the client itself" };
        var name = new Argument<string>("NAME") { Description = "In full, such as www.cdn.example.net" };
        var subnet = new Option<string?>("--subnet") { Description = "Network that the resolver says it asks for (EDNS client subnet)", HelpName = "ADDRESS/LENGTH" };
        var pop = new Option<string?>("--pop") { Description = "Ask the nameservers of this PoP alone [default: all of them]", HelpName = "ID" };
        var config = new Option<string?>("--config") { Description = "Explain by this config file on this machine, without a silo", HelpName = "FILE" };
        var geo = new Option<string?>("--geo") { Description = "With --config: directory of country.mmdb and asn.mmdb [default: the config's own paths]", HelpName = "DIR" };
        var command = new Command("explain", "Show where a client is sent for a name, and by which rule, database entry or measurement.") { address, name, subnet, pop, config, geo };
        api.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var request = new DnsExplainRequest
            {
                Address = parsed.GetValue(address)!,
                Name = parsed.GetValue(name)!,
                Subnet = parsed.GetValue(subnet),
                Pop = parsed.GetValue(pop),
            };
            (DnsAsked? asked, string? error) = DnsAsked.Read(request.Address, request.Name, request.Subnet);
            if (asked is null)
            {
                throw new CommandFailure(ExitCode.Usage, error!);
            }

            if (parsed.GetValue(config) is { } file)
            {
                DnsExplanation explanation = OfflineNameserver.Explain(file, parsed.GetValue(geo), asked, host);
                Write(host, parsed.GetValue(api.Json), new DnsExplainReply { Nameservers = [new NameserverExplanation("", file, AnswerOutcome.Answered, explanation)] });
                return ExitCode.Done;
            }

            if (parsed.GetValue(geo) is not null)
            {
                throw new CommandFailure(ExitCode.Usage, "--geo is for explanations without a silo", "Give --config FILE with it.");
            }

            using ApiClient client = api.Connect(parsed);
            DnsExplainReply reply = await client.ExplainDnsAsync(request, cancellationToken);
            Write(host, parsed.GetValue(api.Json), reply);
            return Conclude(host, reply);
        });
        return command.WithExamples(
            "cdn dns explain 193.0.6.139 www.cdn.example.net                            asked by every nameserver",
            "cdn dns explain 8.8.8.8 www.cdn.example.net --subnet 193.0.6.0/24          a resolver that says for whom it asks",
            "cdn dns explain 2001:db8:77::1 www.cdn.example.net --config three-pops.yaml --geo examples/geo   without a silo",
            "cdn dns explain 193.0.6.139 www.cdn.example.net --json | jq -r '.nameservers[0].explanation.steering.reason'");
    }

    private static void Write(CliHost host, bool json, DnsExplainReply reply)
    {
        if (json)
        {
            host.WriteJson(reply, ContractsJson.Default.DnsExplainReply);
            return;
        }

        // Those that say the same are one paragraph: as a rule there is one.
        foreach (IGrouping<string, NameserverExplanation> alike in reply.Nameservers.Where(server => server.Explanation is not null).GroupBy(server => DnsExplanationText.Of(server.Explanation!)))
        {
            host.Out.WriteLine($"{string.Join(", ", alike.Select(Name))}:");
            host.Out.Write(alike.Key);
        }
    }

    private static int Conclude(CliHost host, DnsExplainReply reply)
    {
        ImmutableArray<NameserverExplanation> missing = [.. reply.Nameservers.Where(server => server.Outcome != AnswerOutcome.Answered)];
        if (missing.IsEmpty)
        {
            return ExitCode.Done;
        }

        host.Error.WriteLine("cdn: no answer from " + string.Join(", ", missing.Select(server => $"{Name(server)} ({CoverageText.Why(server.Outcome)})")));
        host.Error.WriteLine("See 'cdn status' for who is connected.");
        return missing.Length == reply.Nameservers.Length ? ExitCode.Failed : ExitCode.Partial;
    }

    private static string Name(NameserverExplanation server) => server.Pop.Length == 0 ? server.Edge : $"{server.Pop}/{server.Edge}";
}
