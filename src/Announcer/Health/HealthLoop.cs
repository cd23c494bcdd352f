namespace OrleansCdn.Announcer.Health;

/// <summary>
/// The heartbeat of the process: it beats four times a second and asks the local edge once. It waits for nothing else, reads no file and takes no
/// lock that others hold for long, so that when it stands still something is truly wrong.
/// </summary>
internal sealed partial class HealthLoop(Watchdog watchdog, EdgeProbe? probe, AnnouncerState state, TimeProvider time, ILogger logger) : BackgroundService
{
    /// <summary>
    /// A third of the shortest hold time (RFC 4271 §4.2: 3 s) is a second: sessions that look each second must never find the last beat to be
    /// as old as that while all is well.
    /// </summary>
    public static readonly TimeSpan BeatInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>A failure is to be known within seconds.</summary>
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromSeconds(1);

    private Task<ProbeOutcome>? _asking;
    private long? _askedAt;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(BeatInterval, time);
        try
        {
            do
            {
                watchdog.Beat();
                await ProbeAsync(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // The process stops.
        }
    }

    /// <summary>One question at a time; a slow answer is looked at with a later beat.</summary>
    private async ValueTask ProbeAsync(CancellationToken stoppingToken)
    {
        if (probe is null)
        {
            return;
        }

        if (_asking is { IsCompleted: true })
        {
            HealthGate before = state.Health;
            state.Step(await _asking);
            _asking = null;
            Log(before, state.Health);
        }

        if (_asking is null && (_askedAt is not { } last || time.GetElapsedTime(last) >= ProbeInterval))
        {
            _askedAt = time.GetTimestamp();
            _asking = probe.AskAsync(stoppingToken);
        }
    }

    private void Log(HealthGate before, HealthGate after)
    {
        if (!before.IsOpen && after.IsOpen)
        {
            LogOpen(after.Rise);
        }
        else if (after.Failure is { } failure && before.Failure is null)
        {
            LogFailing(failure);
        }
        else if (after.Failure is null && before.Failure is not null)
        {
            LogBack();
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "the local edge has answered {Rise} probes in a row: what is desired is announced")]
    private partial void LogOpen(int rise);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the local edge does not answer its probe: {Failure}")]
    private partial void LogFailing(string failure);

    [LoggerMessage(Level = LogLevel.Information, Message = "the local edge answers its probe again")]
    private partial void LogBack();
}
