using System.CommandLine;
using OrleansCdn.Cli.Api;
using OrleansCdn.Cli.Output;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Failover;

namespace OrleansCdn.Cli.Commands;

/// <summary><c>cdn failover</c>: who is announced and why; and an operator's word that stands above all of it.</summary>
internal static class FailoverCommand
{
    public static Command Create(CliHost host)
    {
        var api = new ApiOptions(host);
        var command = new Command("failover", "Show which servers are announced, why, what holds them back, and whom they have promised to stay.");
        api.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using ApiClient client = api.Connect(parsed);
            FailoverReply reply = await client.FailoverAsync(cancellationToken);
            if (parsed.GetValue(api.Json))
            {
                host.WriteJson(reply, ContractsJson.Default.FailoverReply);
            }
            else
            {
                FailoverText.Write(host, reply);
            }

            return ExitCode.Done;
        });
        command.Subcommands.Add(Pin(host));
        command.Subcommands.Add(Unpin(host));
        return command.WithExamples(
            "cdn failover",
            "cdn failover --json | jq '.pops[].servers[] | select(.status.phase != \"Announced\")'",
            "cdn failover pin lax withdrawn --reason 'router on fire'",
            "cdn failover unpin lax");
    }

    private static Command Pin(CliHost host)
    {
        var pin = new Argument<FailoverPin>("PIN")
        {
            Description = "announced or withdrawn",
            CustomParser = result =>
            {
                switch (result.Tokens[0].Value)
                {
                    case "announced":
                        return FailoverPin.Announced;
                    case "withdrawn":
                        return FailoverPin.Withdrawn;
                    default:
                        result.AddError($"'{result.Tokens[0].Value}' is neither announced nor withdrawn");
                        return FailoverPin.None;
                }
            },
        };
        var force = new Option<bool>("--force") { Description = "Withdrawn also when no other PoP is in service" };
        var command = new Command("pin", "Keep a PoP's routes announced, or withdrawn as soon as others have promised to stay, whatever probes and drains say.");
        return AddTo(host, command, pin, force).WithExamples(
            "cdn failover pin waw announced --reason 'the check is wrong'", "cdn failover pin lax withdrawn --reason 'router on fire' --wait");
    }

    private static Command Unpin(CliHost host) =>
        AddTo(host, new Command("unpin", "Take a pin away: probes and drains decide again."), pin: null, force: null).WithExamples("cdn failover unpin lax");

    private static Command AddTo(CliHost host, Command command, Argument<FailoverPin>? pin, Option<bool>? force)
    {
        var api = new ApiOptions(host);
        var pop = new Argument<string>("POP") { Description = "Id of the PoP" };
        Option<string?> reason = DrainReason.Option();
        var wait = new Option<bool>("--wait") { Description = "Wait until every edge answers DNS by it" };
        command.Arguments.Add(pop);
        if (pin is not null)
        {
            command.Arguments.Add(pin);
        }

        command.Options.Add(reason);
        if (force is not null)
        {
            command.Options.Add(force);
        }

        command.Options.Add(wait);
        api.AddTo(command);
        DrainReason.Check(command, reason);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using ApiClient client = api.Connect(parsed);
            var request = new DrainRequest { Why = parsed.GetValue(reason), Force = force is not null && parsed.GetValue(force), Wait = parsed.GetValue(wait) };
            DrainReply reply = await client.PinAsync(parsed.GetValue(pop)!, pin is null ? FailoverPin.None : parsed.GetValue(pin), request, cancellationToken);
            bool json = parsed.GetValue(api.Json);
            if (json)
            {
                host.WriteJson(reply, ContractsJson.Default.DrainReply);
            }
            else
            {
                host.Out.WriteLine(FailoverText.Sentence(reply, host.Time.GetUtcNow()));
            }

            return DrainText.Conclude(host, reply, request.Wait, json);
        });
        return command;
    }
}
