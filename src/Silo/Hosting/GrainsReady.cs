using Orleans;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Grains;

namespace OrleansCdn.Silo.Hosting;

/// <summary>
/// Starts after the engine and before the listeners: what is durable has been read before anybody can ask, and a row that
/// cannot be read ends the start with its error.
/// </summary>
internal sealed partial class GrainsReady(IGrainFactory grains, ILogger<GrainsReady> log) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        ConfigPosition config = await grains.GetGrain<IConfigGrain>(GrainKeys.Cluster).PositionAsync(cancellationToken);
        PurgeCursor end = await grains.GetGrain<IPurgeLogGrain>(GrainKeys.Cluster).EndAsync(cancellationToken);
        LogReady(config.Version, end);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(Level = LogLevel.Information, Message = "Grains are ready: config version {Version}, purge log at {End}")]
    private partial void LogReady(long version, PurgeCursor end);
}
