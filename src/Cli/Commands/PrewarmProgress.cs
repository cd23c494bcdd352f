using OrleansCdn.Cli.Api;
using OrleansCdn.Contracts.Api;
using Spectre.Console;

namespace OrleansCdn.Cli.Commands;

/// <summary>Follows a job to its end; on a terminal with one line per PoP.</summary>
internal static class PrewarmProgress
{
    // A job takes seconds to hours; five questions a second are nothing to a silo.
    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(200);

    /// <summary>Calls in a row that may fail: a silo that restarts is waited for some seconds.</summary>
    private const int MaxFailures = 100;

    public static async Task<PrewarmReply> FollowAsync(CliHost host, ApiClient client, PrewarmReply reply, bool json, CancellationToken cancellationToken)
    {
        if (json || !host.Interactive)
        {
            return await WaitAsync(host, client, reply, _ => { }, cancellationToken);
        }

        await host.Console.Progress().AutoClear(false)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
            .StartAsync(async progress =>
            {
                Dictionary<string, ProgressTask> bars = reply.Pops.ToDictionary(p => p.Pop, p => progress.AddTask(Markup.Escape(p.Pop), maxValue: Math.Max(1, All(p))));
                reply = await WaitAsync(host, client, reply, now =>
                {
                    foreach (PrewarmPopState pop in now.Pops)
                    {
                        if (bars.TryGetValue(pop.Pop, out ProgressTask? bar))
                        {
                            bar.Value = All(pop) - pop.Left;
                        }
                    }
                }, cancellationToken);
            });
        return reply;
    }

    private static async Task<PrewarmReply> WaitAsync(
        CliHost host, ApiClient client, PrewarmReply reply, Action<PrewarmReply> show, CancellationToken cancellationToken)
    {
        int failures = 0;
        show(reply);
        while (!PrewarmText.IsOver(reply.State))
        {
            await Task.Delay(AskEvery, host.Time, cancellationToken);
            try
            {
                reply = await client.PrewarmStateAsync(reply.Id, cancellationToken);
                failures = 0;
                show(reply);
            }
            catch (CommandFailure failure) when (failure.Problem.Status is 0 or >= 500 && ++failures < MaxFailures)
            {
                // The job outlives the silo that was asked.
            }
        }

        return reply;
    }

    private static int All(PrewarmPopState pop) => pop.Stored + pop.Fresh + pop.NotStored + pop.Failed + pop.Left;
}
