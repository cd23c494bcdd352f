using System.CommandLine;
using OrleansCdn.Cli.Api;
using OrleansCdn.Cli.Output;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Cli.Commands;

/// <summary><c>cdn health</c>: whether each server is well, and what was seen.</summary>
internal static class HealthCommand
{
    public static Command Create(CliHost host)
    {
        var api = new ApiOptions(host);
        var pop = new Argument<string?>("POP") { Description = "Id of a PoP; without it all are shown", Arity = ArgumentArity.ZeroOrOne };
        var failing = new Option<bool>("--failing") { Description = "Only checks that fail" };
        var command = new Command("health", "Show whether servers are well: each check with what was seen, who sees the server, what DNS and BGP make of it.") { pop, failing };
        api.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using ApiClient client = api.Connect(parsed);
            HealthReply health = await client.HealthAsync(parsed.GetValue(pop), cancellationToken);
            if (parsed.GetValue(api.Json))
            {
                host.WriteJson(health, ContractsJson.Default.HealthReply);
            }
            else
            {
                HealthText.Write(host, health, parsed.GetValue(failing));
            }

            return Conclude(host, health);
        });
        return command.WithExamples(
            "cdn health",
            "cdn health waw",
            "cdn health --failing || echo 'visitors are not answered somewhere'",
            "cdn health --json | jq '.pops[].servers[] | select(.verdict != \"Ok\") | .server'");
    }

    /// <summary>What needs a look is no failure: visitors are answered.</summary>
    private static int Conclude(CliHost host, HealthReply health)
    {
        string[] failing =
        [
            .. from pop in health.Pops
               from server in pop.Servers
               where server.Verdict is HealthVerdict.Failing or HealthVerdict.Unknown
               select $"{pop.Pop}/{server.Server} ({(server.Verdict == HealthVerdict.Failing ? "failing" : "not known")})",
        ];
        if (failing.Length == 0)
        {
            return ExitCode.Done;
        }

        host.Error.WriteLine($"cdn: {string.Join(", ", failing)}");
        return ExitCode.Failed;
    }
}
