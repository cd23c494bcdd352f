using Orleans;
using OrleansCdn.Grains;
using OrleansCdn.Silo.Hosting;

namespace OrleansCdn.Silo.Api.Routing;

/// <summary>Lets schedules of routes run: after a silo has ended, another one's call, or its own after the restart, wakes the desk.</summary>
internal sealed partial class RouteKeeper(IGrainFactory grains, TimeProvider time, ILogger<RouteKeeper> log) : Waker(time)
{
    protected override Task WakeAsync(CancellationToken cancellationToken) =>
        grains.GetGrain<IRouteDeskGrain>(GrainKeys.Cluster).WakeAsync(cancellationToken);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Schedules of routes could not be looked at; it is tried every second")]
    protected override partial void LogFailed(Exception error);
}
