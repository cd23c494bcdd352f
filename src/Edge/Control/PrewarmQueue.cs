using System.Threading.Channels;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Edge.Control;

/// <summary>Tasks of prewarm jobs that wait for their turn, and the few that are under way.</summary>
/// <param name="run">Executes one task; its outcome is always a result.</param>
internal sealed partial class PrewarmQueue(
    EdgeState state, Func<PrewarmBatch, PrewarmTask, CancellationToken, Task<PrewarmResult>> run, TimeProvider time, ILogger logger) : IDisposable
{
    /// <summary>Tasks at a time: visitors' fills come first, and jobs pace themselves by seconds.</summary>
    public const int Concurrency = 16;

    /// <summary>Some seconds of several jobs.</summary>
    public const int MaxQueued = 1024;

    /// <summary>Purges come by the same feed before the tasks: longer than this means that they do not come.</summary>
    private static readonly TimeSpan CursorPatience = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan CursorInterval = TimeSpan.FromMilliseconds(50);

    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<Queued> _queue = Channel.CreateBounded<Queued>(new BoundedChannelOptions(MaxQueued));
    private int _running;

    private sealed record Queued(PrewarmBatch Batch, PrewarmTask Task, Action<EdgePrewarmed> Report);

    /// <summary>At once; each task's result is reported once, or its connection is gone.</summary>
    public void Take(PrewarmBatch batch, Action<EdgePrewarmed> report)
    {
        foreach (PrewarmTask task in batch.Tasks)
        {
            if (!_queue.Writer.TryWrite(new Queued(batch, task, report)))
            {
                report(new EdgePrewarmed(batch.Job, [new PrewarmResult { Task = task.Id, Outcome = PrewarmOutcome.Busy }]));
            }
        }

        for (int more = batch.Tasks.Length; more > 0 && TryEnter(); more--)
        {
            _ = WorkAsync();
        }
    }

    public void Dispose()
    {
        _queue.Writer.TryComplete();
        // Not disposed of: tasks under way may still ask it.
        _stop.Cancel();
    }

    private bool TryEnter()
    {
        if (Interlocked.Increment(ref _running) <= Concurrency)
        {
            return true;
        }

        Interlocked.Decrement(ref _running);
        return false;
    }

    private async Task WorkAsync()
    {
        await Task.Yield();
        do
        {
            while (!_stop.IsCancellationRequested && _queue.Reader.TryRead(out Queued? next))
            {
                PrewarmResult? result = await ResultAsync(next);
                if (result is not null)
                {
                    next.Report(new EdgePrewarmed(next.Batch.Job, [result]));
                }
            }

            Interlocked.Decrement(ref _running);
        }
        while (!_stop.IsCancellationRequested && _queue.Reader.TryPeek(out _) && TryEnter()); // one came between the look and the leaving
    }

    private async Task<PrewarmResult?> ResultAsync(Queued next)
    {
        try
        {
            return await IsCoveredAsync(next.Batch.Cursor)
                ? await run(next.Batch, next.Task, _stop.Token)
                : new PrewarmResult { Task = next.Task.Id, Outcome = PrewarmOutcome.Behind };
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception error)
        {
            LogFault(OneLine.Printable(next.Task.Url), error);
            return new PrewarmResult { Task = next.Task.Id, Outcome = PrewarmOutcome.Failed, Reason = "edge-fault" };
        }
    }

    private async Task<bool> IsCoveredAsync(PurgeCursor cursor)
    {
        long started = time.GetTimestamp();
        while (!state.Purges.Cursor.Covers(cursor))
        {
            if (time.GetElapsedTime(started) >= CursorPatience)
            {
                return false;
            }

            await Task.Delay(CursorInterval, time, _stop.Token);
        }

        return true;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Url} could not be fetched ahead of visitors")]
    private partial void LogFault(string url, Exception exception);
}
