using Orleans;
using OrleansCdn.Grains;
using OrleansCdn.Silo.Hosting;

namespace OrleansCdn.Silo.Api.Dns;

/// <summary>Lets key changes and cookie secrets go on: after a silo has ended, another one's call, or its own after the restart, wakes the desk.</summary>
internal sealed partial class DnsKeeper(IGrainFactory grains, TimeProvider time, ILogger<DnsKeeper> log) : Waker(time)
{
    protected override Task WakeAsync(CancellationToken cancellationToken) =>
        grains.GetGrain<IDnsDeskGrain>(GrainKeys.Cluster).WakeAsync(cancellationToken);

    [LoggerMessage(Level = LogLevel.Warning, Message = "DNS keys could not be looked at; it is tried every second, and edges sign on with what they have")]
    protected override partial void LogFailed(Exception error);
}
