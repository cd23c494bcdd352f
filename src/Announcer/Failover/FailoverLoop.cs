using OrleansCdn.Announcer.Health;

namespace OrleansCdn.Announcer.Failover;

/// <summary>
/// The one task that owns the driver. It reads no file, waits for no disk and for no other process; while it stands still, sessions fall silent.
/// </summary>
internal sealed partial class FailoverLoop(FailoverDriver driver, FailoverInbox inbox, Pulse pulse, TimeProvider time, ILogger logger) : BackgroundService
{
    /// <summary>As often as the health loop beats: what the watchdog asks of the one holds for the other.</summary>
    private static readonly TimeSpan TickInterval = HealthLoop.BeatInterval;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using ITimer timer = time.CreateTimer(static self => ((FailoverInbox)self!).Wake(), inbox, TimeSpan.Zero, TickInterval);
        long ticked = 0;
        FailoverInput input = default;
        try
        {
            while (true)
            {
                // With a full inbox there is no room for a wake, and time passes all the same.
                if (input == default || time.GetElapsedTime(ticked) >= TickInterval)
                {
                    ticked = time.GetTimestamp();
                    if (Guard(driver.Tick))
                    {
                        pulse.Beat();
                    }
                }

                input = await inbox.Reader.ReadAsync(stoppingToken);
                Take(input);
            }
        }
        catch (OperationCanceledException)
        {
            // The process stops.
        }
    }

    private void Take(FailoverInput input) => Guard(() =>
    {
        driver.CatchUp();
        if (input.News is { } news)
        {
            driver.Take(news);
        }

        if (input.Health is { } round)
        {
            driver.Take(round);
        }
    });

    /// <summary>
    /// A bug that one message lays bare is to take no server off the air: the next one is taken all the same. One that lets no tick succeed
    /// does, since then nobody decides here any more.
    /// </summary>
    private bool Guard(Action turn)
    {
        try
        {
            turn();
            return true;
        }
        catch (Exception e)
        {
            LogFault(e);
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "an unexpected error in the failover of this server; it goes on with what comes next")]
    private partial void LogFault(Exception exception);
}
