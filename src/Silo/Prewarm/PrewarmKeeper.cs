using Orleans;
using OrleansCdn.Grains;

namespace OrleansCdn.Silo.Prewarm;

/// <summary>Keeps prewarm jobs going: after a silo has ended, another one's call, or its own after the restart, wakes them.</summary>
internal sealed partial class PrewarmKeeper(IGrainFactory grains, TimeProvider time, ILogger<PrewarmKeeper> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        bool hasFailed = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await timer.WaitForNextTickAsync(stoppingToken);
                await grains.GetGrain<IPrewarmDirectoryGrain>(GrainKeys.Cluster).WakeAsync(stoppingToken);
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "Prewarm jobs could not be woken; it is tried every second")]
    private partial void LogFailed(Exception error);
}
