using Orleans;
using Orleans.Runtime;
using OrleansCdn.Contracts.Cluster;

namespace OrleansCdn.Grains.Prewarm;

/// <summary>Rows only: what they mean is the job's.</summary>
internal sealed class PrewarmChunkGrain(
    [PersistentState("prewarm-urls", GrainKeys.Storage)] IPersistentState<PrewarmUrls> urls,
    [PersistentState("prewarm-cells", GrainKeys.Storage)] IPersistentState<PrewarmCells> cells) : Grain, IPrewarmChunkGrain
{
    public async Task WriteUrlsAsync(PrewarmUrls given, CancellationToken cancellationToken)
    {
        urls.State = given;
        await urls.WriteStateOrReloadAsync(this);
    }

    public async Task WriteCellsAsync(PrewarmCells given, CancellationToken cancellationToken)
    {
        cells.State = given;
        await cells.WriteStateOrReloadAsync(this);
    }

    public Task<PrewarmChunk> ReadAsync(CancellationToken cancellationToken) =>
        Task.FromResult(new PrewarmChunk(urls.RecordExists ? urls.State.Urls : [], cells.RecordExists ? cells.State.Cells : []));

    public async Task ClearAsync(CancellationToken cancellationToken)
    {
        if (cells.RecordExists)
        {
            await cells.ClearStateAsync(cancellationToken);
        }

        if (urls.RecordExists)
        {
            await urls.ClearStateAsync(cancellationToken);
        }

        DeactivateOnIdle();
    }
}
