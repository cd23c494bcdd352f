namespace OrleansCdn.Silo.Hosting;

/// <summary>
/// Wakes a grain every second, so that what it owes to time goes on: after a silo has ended by another one's call, or by its own after the restart.
/// </summary>
internal abstract class Waker(TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    protected abstract Task WakeAsync(CancellationToken cancellationToken);

    /// <summary>Called for the first failure of a run of them.</summary>
    protected abstract void LogFailed(Exception error);

    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        bool hasFailed = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await timer.WaitForNextTickAsync(stoppingToken);
                await WakeAsync(stoppingToken);
                hasFailed = false;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                if (!hasFailed)
                {
                    LogFailed(error);
                }

                hasFailed = true;
            }
        }
    }
}
