using System.CommandLine;
using System.CommandLine.Parsing;
using OrleansCdn.Cli.Api;
using OrleansCdn.Cli.Output;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Cli.Commands;

/// <summary><c>cdn events</c>: what happened and why.</summary>
internal static class EventsCommand
{
    public static Command Create(CliHost host)
    {
        var api = new ApiOptions(host);
        var pop = new Option<string?>("--pop") { Description = "Only what is of this PoP", HelpName = "ID" };
        var kind = new Option<EventKind?>("--kind") { Description = $"Only of one kind: {string.Join(", ", Enum.GetNames<EventKind>())}", HelpName = "KIND", CustomParser = ParseKind };
        var since = new Option<TimeSpan?>("--since")
        {
            Description = "Only the last 30m, 2h, 7d, … [default: as far as it goes back]", HelpName = "TIME", CustomParser = DurationText.ParseAge,
        };
        var limit = new Option<int>("--limit") { Description = "Longest list", HelpName = "N", DefaultValueFactory = _ => EventsReply.DefaultLimit };
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on with what happens from now on; with --json one event a line" };
        var command = new Command("events", "What happened and why, oldest first: PoPs, edges, sessions, configs, routes, drains, keys.") { pop, kind, since, limit, follow };
        api.AddTo(command);
        limit.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > EventsReply.MaxLimit)
            {
                result.AddError($"--limit is 1 to {EventsReply.MaxLimit}");
            }
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using ApiClient client = api.Connect(parsed);
            var question = new EventQuestion(
                parsed.GetValue(pop), parsed.GetValue(kind), parsed.GetValue(since) is { } age ? host.Time.GetUtcNow() - age : null, parsed.GetValue(limit));
            bool json = parsed.GetValue(api.Json);
            EventsReply reply = await question.AskAsync(client, after: null, waitMs: null, cancellationToken);
            if (parsed.GetValue(follow))
            {
                await EventFollower.FollowAsync(host, client, question, reply, json, cancellationToken);
                return ExitCode.Done;
            }

            if (json)
            {
                host.WriteJson(reply, ContractsJson.Default.EventsReply);
                return ExitCode.Done;
            }

            if (reply.Events.IsEmpty)
            {
                host.Out.WriteLine("Nothing, as far as the time line goes back.");
            }

            foreach (CdnEvent happened in reply.Events)
            {
                host.Out.WriteLine(PlainText.Of(EventText.Line(happened)));
            }

            return ExitCode.Done;
        });
        return command.WithExamples(
            "cdn events --since 1h", "cdn events --pop waw --kind SessionLost", "cdn events --follow", "cdn events --follow --json | jq -r 'select(.severity == \"Problem\") | .what'");
    }

    private static EventKind? ParseKind(ArgumentResult argument)
    {
        string text = argument.Tokens[0].Value;
        if (Enum.GetNames<EventKind>().FirstOrDefault(name => name.Equals(text, StringComparison.OrdinalIgnoreCase)) is { } found)
        {
            return Enum.Parse<EventKind>(found);
        }

        argument.AddError($"'{text}' is no kind of event: one of {string.Join(", ", Enum.GetNames<EventKind>())}");
        return null;
    }
}
