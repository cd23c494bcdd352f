using System.CommandLine;
using OrleansCdn.Cli.Api;
using OrleansCdn.Cli.Output;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Cli.Commands;

/// <summary><c>cdn notifications list|test</c>: webhooks.</summary>
internal static class NotificationsCommand
{
    public static Command Create(CliHost host)
    {
        var command = new Command("notifications", "Webhooks, which are told what happens: how each is, and whether it works.") { List(host), Test(host) };
        return command.WithExamples("cdn notifications list", "cdn notifications test oncall");
    }

    private static Command List(CliHost host)
    {
        var api = new ApiOptions(host);
        var command = new Command("list", "How far each webhook is, what failed, when it is tried again.");
        api.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using ApiClient client = api.Connect(parsed);
            NotificationsReply reply = await client.NotificationsAsync(cancellationToken);
            if (parsed.GetValue(api.Json))
            {
                host.WriteJson(reply, ContractsJson.Default.NotificationsReply);
                return ExitCode.Done;
            }

            if (reply.Webhooks.IsEmpty)
            {
                host.Out.WriteLine("The config has no webhooks: they stand under 'notifications'.");
            }

            foreach (WebhookStatus webhook in reply.Webhooks)
            {
                Write(host, webhook);
            }

            return ExitCode.Done;
        });
        return command.WithExamples("cdn notifications list", "cdn notifications list --json | jq -r '.webhooks[] | select(.failures > 0) | .name'");
    }

    private static Command Test(CliHost host)
    {
        var api = new ApiOptions(host);
        var name = new Argument<string>("NAME") { Description = "Of the webhook (cdn notifications list)" };
        var command = new Command("test", "Send a test message now. When it is taken, what waits for a later attempt is sent, too.") { name };
        api.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetValue(name) is { Length: 0 })
            {
                result.AddError("NAME is that of a webhook (cdn notifications list)");
            }
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using ApiClient client = api.Connect(parsed);
            WebhookTestReply reply = await client.TestNotificationAsync(parsed.GetValue(name)!, cancellationToken);
            bool isDelivered = reply.Outcome == DeliveryOutcome.Delivered;
            if (parsed.GetValue(api.Json))
            {
                host.WriteJson(reply, ContractsJson.Default.WebhookTestReply);
            }
            else if (isDelivered)
            {
                host.Out.WriteLine(PlainText.Of($"Webhook {reply.Name} has taken a test message ({reply.Evidence}, {Units.Count(reply.Milliseconds)} ms)."));
            }

            if (!isDelivered)
            {
                host.Error.WriteLine(PlainText.Of($"cdn: webhook {reply.Name} has not taken a test message: {reply.Evidence} ({Words(reply.Outcome)}, {Units.Count(reply.Milliseconds)} ms)"));
            }

            return isDelivered ? ExitCode.Done : ExitCode.Failed;
        });
        return command.WithExamples("cdn notifications test oncall", "cdn notifications test oncall --json");
    }

    private static void Write(CliHost host, WebhookStatus webhook)
    {
        DateTimeOffset now = host.Time.GetUtcNow();
        string state = webhook.State switch
        {
            WebhookState.UpToDate => "up to date",
            WebhookState.Behind => "events are on their way",
            WebhookState.Failing => $"failing, {Units.Count(webhook.Failures)} attempts in a row",
            _ => $"takes nothing until it is mended, {Units.Count(webhook.Failures)} attempts in a row",
        };
        string success = webhook.LastSuccess is { } last ? $", last delivery {Units.Age(now - last)}" : ", no delivery yet";
        string missed = webhook.Missed > 0 ? $", {Units.Count(webhook.Missed)} of all kinds forgotten" : "";
        host.Out.WriteLine(PlainText.Of($"{webhook.Name}: {state}; {Units.Count(webhook.Pending)} wait{missed}{success}  {webhook.Target}"));
        if (webhook.LastFailure is { } failure)
        {
            string next = webhook.NextAttempt is { } at && at > now ? $", next attempt in {Units.Span(at - now)}" : "";
            host.Out.WriteLine(PlainText.Of($"  last failure {Units.Age(now - failure.When)}: {failure.Evidence} ({Words(failure.Outcome)}){next}"));
        }
    }

    private static string Words(DeliveryOutcome outcome) => outcome switch
    {
        DeliveryOutcome.Refused => "refused",
        DeliveryOutcome.Unavailable => "not available",
        DeliveryOutcome.TimedOut => "too slow",
        DeliveryOutcome.Unreachable => "not reachable",
        DeliveryOutcome.NotAllowed => "address not allowed",
        DeliveryOutcome.NotReady => "nothing was sent",
        DeliveryOutcome.Interrupted => "interrupted",
        _ => "delivered",
    };
}
