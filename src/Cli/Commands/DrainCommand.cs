using System.CommandLine;
using OrleansCdn.Cli.Api;
using OrleansCdn.Cli.Output;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Cli.Commands;

/// <summary><c>cdn drain POP</c> and <c>cdn undrain POP</c>.</summary>
internal static class DrainCommand
{
    public static Command Drain(CliHost host)
    {
        var force = new Option<bool>("--force") { Description = "Also when no other PoP is in service: then DNS answers as if all were" };
        Command command = Create(host, DrainAction.Drain, "drain", "Send no more visitors to a PoP: DNS stops choosing it, at all PoPs.", force);
        return command.WithExamples(
            "cdn drain waw --reason 'new disks' --wait",
            "cdn drain waw --wait --deadline 30s --json",
            "cdn undrain waw --wait                              and back");
    }

    public static Command Undrain(CliHost host) =>
        Create(host, DrainAction.Undrain, "undrain", "Send visitors to a drained PoP again.", force: null).WithExamples("cdn undrain waw --wait");

    private static Command Create(CliHost host, DrainAction action, string name, string description, Option<bool>? force)
    {
        var api = new ApiOptions(host);
        var pop = new Argument<string>("POP") { Description = "Id of the PoP" };
        var reason = new Option<string?>("--reason") { Description = $"Why, for those who look at it later: one line of up to {DrainRequest.MaxWhyLength} characters", HelpName = "TEXT" };
        var wait = new Option<bool>("--wait") { Description = "Wait until every edge has confirmed, or for the deadline" };
        var deadline = new Option<TimeSpan?>("--deadline")
        {
            Description = "Longest wait, up to 1m: 500ms, 20s [default: 10s]",
            HelpName = "TIME",
            CustomParser = DurationText.Parse,
        };
        var command = new Command(name, description) { pop, reason, wait, deadline };
        if (force is not null)
        {
            command.Options.Add(force);
        }

        api.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetValue(reason) is { } text && (text.Length > DrainRequest.MaxWhyLength || text.Any(char.IsControl)))
            {
                result.AddError($"--reason is one line of up to {DrainRequest.MaxWhyLength} characters");
            }

            if (result.GetValue(pop) is { Length: 0 })
            {
                result.AddError("POP is the id of a PoP (cdn status)");
            }
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using ApiClient client = api.Connect(parsed);
            var request = new DrainRequest
            {
                Why = parsed.GetValue(reason),
                Force = force is not null && parsed.GetValue(force),
                Wait = parsed.GetValue(wait),
                DeadlineMs = parsed.GetValue(deadline) is { } limit ? (int)limit.TotalMilliseconds : null,
            };
            DrainReply reply = await client.DrainAsync(parsed.GetValue(pop)!, action, request, cancellationToken);
            bool json = parsed.GetValue(api.Json);
            if (json)
            {
                host.WriteJson(reply, ContractsJson.Default.DrainReply);
            }
            else
            {
                host.Out.WriteLine(Sentence(reply, host.Time.GetUtcNow()));
            }

            return Conclude(host, reply, request.Wait, json);
        });
        return command;
    }

    private static string Sentence(DrainReply reply, DateTimeOffset now)
    {
        PopDrain drain = reply.Drain;
        string state = drain.State == DrainState.Draining
            ? "is draining: DNS sends it no more visitors, those who have its address stay for the TTL and for as long as they like"
            : "is in service: DNS sends it visitors";
        string by = reply.Changed || drain.Since is null
            ? ""
            : $" It was so already: by {PlainText.Of(drain.Who ?? "")}, {Units.Age(now - drain.Since.Value)}{(drain.Why is { } why ? $" ({PlainText.Of(why)})" : "")}.";
        return $"PoP {PlainText.Of(drain.Pop)} {state}.{by}";
    }

    private static int Conclude(CliHost host, DrainReply reply, bool waited, bool json)
    {
        if (!waited)
        {
            if (!json)
            {
                host.Out.WriteLine($"Decision {reply.Epoch} is durable and on its way to the edges. Add --wait to see it arrive.");
            }

            return ExitCode.Done;
        }

        string[] pops = [.. reply.Pops.Where(pop => !pop.IsConfirmed).Select(pop => pop.Pop)];
        if (pops.Length == 0)
        {
            if (!json)
            {
                host.Out.WriteLine($"Decision {reply.Epoch} is in force at {reply.Pops.Length} PoPs, {reply.Pops.Sum(pop => pop.Edges.Length)} edges.");
            }

            return ExitCode.Done;
        }

        IEnumerable<string> edges =
            from pop in reply.Pops
            from edge in pop.Edges
            where !edge.Confirmed
            select $"{pop.Pop}/{edge.Edge} ({(edge.Connected ? "slow" : "not connected")})";
        host.Error.WriteLine($"cdn: decision {reply.Epoch} is durable but not yet confirmed at {string.Join(", ", pops)}: {string.Join(", ", edges)}");
        host.Error.WriteLine("Edges that cannot be reached answer DNS by what they knew before until they hear of it. See 'cdn status'.");
        return ExitCode.Partial;
    }
}
