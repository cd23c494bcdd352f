using Orleans;
using OrleansCdn.Grains;

namespace OrleansCdn.Silo.Api.Routing;

/// <summary>Lets schedules of routes run: after a silo has ended, another one's call, or its own after the restart, wakes the desk.</summary>
internal sealed partial class RouteKeeper(IGrainFactory grains, TimeProvider time, ILogger<RouteKeeper> log) : BackgroundService
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
                await grains.GetGrain<IRouteDeskGrain>(GrainKeys.Cluster).WakeAsync(stoppingToken);
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "Schedules of routes could not be looked at; it is tried every second")]
    private partial void LogFailed(Exception error);
}
