using OrleansCdn.Announcer.Control;
using OrleansCdn.Announcer.Failover;

namespace OrleansCdn.Announcer;

/// <summary>All writing to the disk, on a task that nobody waits for.</summary>
internal sealed partial class DiskLoop(FailoverKeeper promises, DesiredJournal? desired, WakeUp work, FailoverInbox kept, TimeProvider time, ILogger logger) : BackgroundService
{
    /// <summary>How soon a disk that refused is looked at again; each writer has its own patience.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                // Somebody may be waiting for a promise; nobody waits for the other.
                if (promises.CatchUp())
                {
                    kept.Wake();
                }

                desired?.CatchUp();
            }
            catch (Exception e)
            {
                // A bug: what is not saved is not promised, and the next turn tries again.
                LogFault(e);
            }

            await work.WaitAsync(Interval, time, stoppingToken);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "an unexpected error while saving; it is tried again")]
    private partial void LogFault(Exception exception);
}
