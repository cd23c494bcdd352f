using OrleansCdn.Cli.Api;
using OrleansCdn.Cli.Output;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Cli.Commands;

/// <summary>Which events are wanted.</summary>
internal sealed record EventQuestion(string? Pop, EventKind? Kind, DateTimeOffset? Since, int Limit)
{
    public Task<EventsReply> AskAsync(ApiClient client, long? after, int? waitMs, CancellationToken cancellationToken) =>
        client.EventsAsync(Pop, Kind, Since, Limit, after, waitMs, cancellationToken);
}

/// <summary>Shows events as they come, until it is interrupted or no silo answers for long.</summary>
internal static class EventFollower
{
    /// <summary>A silo that restarts is back in seconds.</summary>
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    /// <summary>Calls in a row that may fail: some minutes.</summary>
    private const int MaxFailures = 120;

    public static async Task FollowAsync(
        CliHost host, ApiClient client, EventQuestion question, EventsReply first, bool json, CancellationToken cancellationToken)
    {
        EventsReply reply = first;
        int failures = 0;
        while (true)
        {
            foreach (CdnEvent happened in reply.Events)
            {
                Write(host, happened, json);
            }

            host.Out.Flush();
            long after = reply.Next;
            while (true)
            {
                try
                {
                    reply = await question.AskAsync(client, after, EventsReply.MaxWaitMs, cancellationToken);
                    failures = 0;
                    break;
                }
                catch (CommandFailure failure) when (failure.Problem.Status is 0 or null or 429 or >= 500 && ++failures < MaxFailures)
                {
                    await Task.Delay(RetryAfter, host.Time, cancellationToken);
                }
            }

            if (after > 0 && reply.Oldest > after + 1)
            {
                host.Error.WriteLine("cdn: more happened than is kept: some events are missing here");
            }
        }
    }

    private static void Write(CliHost host, CdnEvent happened, bool json)
    {
        if (json)
        {
            host.WriteJson(happened, ContractsJson.Default.CdnEvent);
        }
        else
        {
            host.Out.WriteLine(PlainText.Of(EventText.Line(happened)));
        }
    }
}
