using OrleansCdn.Cli.Api;
using OrleansCdn.Contracts.Api;
using Spectre.Console;

namespace OrleansCdn.Cli.Commands;

/// <summary>A purge on a terminal: one line per PoP that fills as its edges acknowledge.</summary>
internal static class PurgeProgress
{
    // Faster than an eye follows, and ten requests a second are nothing to a silo.
    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(100);

    public static async Task<PurgeReply> FollowAsync(
        CliHost host, ApiClient client, PurgeRequest request, string? key, CancellationToken cancellationToken)
    {
        long start = host.Time.GetTimestamp();
        var deadline = TimeSpan.FromMilliseconds(request.DeadlineMs ?? PurgeRequest.DefaultDeadlineMs);
        PurgeReply reply = await client.PurgeAsync(request with { Wait = false }, key, cancellationToken);
        await host.Console.Progress().AutoClear(false)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
            .StartAsync(async progress =>
            {
                Dictionary<string, ProgressTask> bars = reply.Pops.ToDictionary(
                    p => p.Pop, p => progress.AddTask(Markup.Escape(p.Pop), maxValue: Math.Max(1, p.Edges.Length)));
                while (true)
                {
                    foreach (PurgePopState pop in reply.Pops)
                    {
                        if (bars.TryGetValue(pop.Pop, out ProgressTask? bar))
                        {
                            bar.Value = pop.Edges.IsEmpty ? 1 : pop.Edges.Count(e => e.Acknowledged);
                        }
                    }

                    if (reply.State == PurgeState.Done || host.Time.GetElapsedTime(start) >= deadline)
                    {
                        return;
                    }

                    await Task.Delay(AskEvery, host.Time, cancellationToken);
                    reply = await client.PurgeStateAsync(reply.Id, cancellationToken);
                }
            });
        return reply;
    }
}
