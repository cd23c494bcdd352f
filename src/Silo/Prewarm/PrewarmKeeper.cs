using Orleans;
using OrleansCdn.Grains;
using OrleansCdn.Silo.Hosting;

namespace OrleansCdn.Silo.Prewarm;

/// <summary>Keeps prewarm jobs going: after a silo has ended, another one's call, or its own after the restart, wakes them.</summary>
internal sealed partial class PrewarmKeeper(IGrainFactory grains, TimeProvider time, ILogger<PrewarmKeeper> log) : Waker(time)
{
    protected override Task WakeAsync(CancellationToken cancellationToken) =>
        grains.GetGrain<IPrewarmDirectoryGrain>(GrainKeys.Cluster).WakeAsync(cancellationToken);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Prewarm jobs could not be woken; it is tried every second")]
    protected override partial void LogFailed(Exception error);
}
