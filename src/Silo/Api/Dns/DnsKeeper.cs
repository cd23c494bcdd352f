using Orleans;
using OrleansCdn.Grains;

namespace OrleansCdn.Silo.Api.Dns;

/// <summary>Lets key changes and cookie secrets go on: after a silo has ended, another one's call, or its own after the restart, wakes the desk.</summary>
internal sealed partial class DnsKeeper(IGrainFactory grains, TimeProvider time, ILogger<DnsKeeper> log) : BackgroundService
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
                await grains.GetGrain<IDnsDeskGrain>(GrainKeys.Cluster).WakeAsync(stoppingToken);
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "DNS keys could not be looked at; it is tried every second, and edges sign on with what they have")]
    private partial void LogFailed(Exception error);
}
