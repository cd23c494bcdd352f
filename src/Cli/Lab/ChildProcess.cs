using System.Diagnostics;
using System.Globalization;

namespace OrleansCdn.Cli.Lab;

/// <summary>
/// One program of the lab: started, watched, started again after an unexpected end, and ended with the lab. Its
/// standard input is a pipe that nobody writes to: the child ends when the lab does, however the lab ends.
/// </summary>
internal sealed class ChildProcess(string name, ChildCommand command, string logDirectory, bool restart, TimeProvider time)
{
    /// <summary>Ctrl-C reaches the children too, maybe before the lab's own handler has run: an end is unexpected only after this.</summary>
    private static readonly TimeSpan BeforeBlame = TimeSpan.FromMilliseconds(200);

    /// <summary>From SIGTERM to SIGKILL: the lab ends within 5 s, and its own tidying needs some of it.</summary>
    private static readonly TimeSpan PoliteEnd = TimeSpan.FromSeconds(3);

    /// <summary>What is still in the pipes after the end; whatever a program has left running may hold them open for longer.</summary>
    private static readonly TimeSpan LastWords = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    /// <summary>Who ran this long was well: the next pause is the first again.</summary>
    private static readonly TimeSpan WellAfter = TimeSpan.FromSeconds(60);

    private readonly TaskCompletionSource _firstEnd = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Process? _process;

    public string Name { get; } = name;

    /// <summary>Of the process that runs, or ran last; 0 before the first.</summary>
    public int Pid { get; private set; }

    public string LogFile { get; } = Path.Combine(logDirectory, name + ".log");

    /// <summary>Fails with the log's tail when the process ends unexpectedly for the first time.</summary>
    public Task FirstEnd => _firstEnd.Task;

    /// <summary>Runs on the watching task, after <see cref="Pid"/> has changed.</summary>
    public event Action<ChildProcess>? Restarted;

    /// <summary>What happened, in words; and the log's tail.</summary>
    public event Action<ChildProcess, string, string>? Died;

    /// <summary>Starts the process, so that <see cref="Pid"/> is known, and watches it until <paramref name="stop"/>.</summary>
    public Task StartAsync(CancellationToken stop)
    {
        var log = new ChildLog(LogFile);
        Task pumps = Start(log);
        return WatchAsync(log, pumps, stop);
    }

    private async Task WatchAsync(ChildLog log, Task pumps, CancellationToken stop)
    {
        using (log)
        {
            TimeSpan pause = FirstPause;
            while (true)
            {
                long started = time.GetTimestamp();
                if (!await EndedByItselfAsync(stop))
                {
                    await EndAsync();
                    await DrainAsync(pumps);
                    return;
                }

                await DrainAsync(pumps);
                Report(log);
                if (!restart)
                {
                    return;
                }

                pause = time.GetElapsedTime(started) >= WellAfter ? FirstPause : pause;
                await Task.Delay(pause, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (stop.IsCancellationRequested)
                {
                    return;
                }

                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
                pumps = Start(log);
                Restarted?.Invoke(this);
            }
        }
    }

    private Task DrainAsync(Task pumps) =>
        pumps.WaitAsync(LastWords, time).ContinueWith(static _ => { }, TaskScheduler.Default);

    private Task Start(ChildLog log)
    {
        var info = new ProcessStartInfo(command.File, command.Arguments)
        {
            WorkingDirectory = command.WorkingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        _process?.Dispose();
        _process = Process.Start(info) ?? throw new UnreachableException("a new process was asked for");
        Pid = _process.Id;
        return Task.WhenAll(log.PumpAsync(_process.StandardOutput.BaseStream), log.PumpAsync(_process.StandardError.BaseStream));
    }

    /// <summary>False when the lab is to stop.</summary>
    private async Task<bool> EndedByItselfAsync(CancellationToken stop)
    {
        try
        {
            await _process!.WaitForExitAsync(stop);
            await Task.Delay(BeforeBlame, time, stop);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task EndAsync()
    {
        Process process = _process!;
        if (Signals.Terminate(process.Id))
        {
            using var patience = new CancellationTokenSource(PoliteEnd, time);
            try
            {
                await process.WaitForExitAsync(patience.Token);
                return;
            }
            catch (OperationCanceledException)
            {
                // It had its time.
            }
        }

        process.Kill();
        await process.WaitForExitAsync(CancellationToken.None);
    }

    private void Report(ChildLog log)
    {
        int code = _process!.ExitCode;
        string how = code > 128
            ? string.Create(CultureInfo.InvariantCulture, $"was killed by signal {code - 128}")
            : string.Create(CultureInfo.InvariantCulture, $"ended with exit code {code}");
        string tail = log.Tail();
        Died?.Invoke(this, how, tail);
        _firstEnd.TrySetException(new CommandFailure(
            ExitCode.Failed, $"{Name} {how} before the lab was ready", tail.Length == 0 ? null : $"The end of its log:\n{tail}"));
    }
}
