using Orleans;
using Orleans.Runtime;
using OrleansCdn.Contracts.Cluster;

namespace OrleansCdn.Grains.Config;

internal sealed class ConfigVersionGrain(
    [PersistentState("config-version", GrainKeys.Storage)] IPersistentState<ConfigText> row) : Grain, IConfigVersionGrain
{
    public async Task WriteAsync(ConfigText text, CancellationToken cancellationToken)
    {
        row.State = text;
        await row.WriteStateOrReloadAsync(this);
        DeactivateOnIdle();
    }

    public Task<ConfigText> ReadAsync(CancellationToken cancellationToken)
    {
        DeactivateOnIdle();
        return Task.FromResult(row.RecordExists ? row.State : new ConfigText());
    }

    public async Task ClearAsync(CancellationToken cancellationToken)
    {
        if (row.RecordExists)
        {
            await row.ClearStateAsync(cancellationToken);
        }

        DeactivateOnIdle();
    }
}
