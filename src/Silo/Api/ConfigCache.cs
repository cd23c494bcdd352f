using Orleans;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Grains;

namespace OrleansCdn.Silo.Api;

/// <summary>The config in force: fetched whole only when its version has changed.</summary>
internal sealed class ConfigCache(IGrainFactory grains)
{
    private volatile ConfigSnapshot? _snapshot;

    /// <summary>Null: no valid config is in force.</summary>
    public async Task<ConfigSnapshot?> CurrentAsync(CancellationToken cancellationToken)
    {
        IConfigGrain config = grains.GetGrain<IConfigGrain>(GrainKeys.Cluster);
        ConfigPosition position = await config.PositionAsync(cancellationToken);
        if (_snapshot is not { } known || known.Epoch != position.Epoch || known.Version != position.Version)
        {
            _snapshot = await config.CurrentAsync(cancellationToken);
        }

        return _snapshot;
    }
}
