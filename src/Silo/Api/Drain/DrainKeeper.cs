using Orleans;
using OrleansCdn.Grains;
using OrleansCdn.Silo.Hosting;

namespace OrleansCdn.Silo.Api.Drain;

/// <summary>Lets drains and maintenance windows begin and end by themselves, also while no edge is connected, and after a silo has ended.</summary>
internal sealed partial class DrainKeeper(IGrainFactory grains, TimeProvider time, ILogger<DrainKeeper> log) : Waker(time)
{
    protected override Task WakeAsync(CancellationToken cancellationToken) =>
        grains.GetGrain<IEligibilityGrain>(GrainKeys.Cluster).WakeAsync(cancellationToken);

    [LoggerMessage(Level = LogLevel.Warning, Message = "What is planned of drains could not be looked at; it is tried every second")]
    protected override partial void LogFailed(Exception error);
}
