using System.Collections.Immutable;
using Orleans;
using OrleansCdn.Contracts.Cluster;

namespace OrleansCdn.Grains.Prewarm;

/// <summary>The rows of one job's URLs: chunks of some thousand, so that what changes every second is small.</summary>
internal sealed class PrewarmRows(IGrainFactory grains, string job)
{
    public const int ChunkUrls = 2000;

    public async Task WriteUrlsAsync(ImmutableArray<string> urls, CancellationToken cancellationToken) =>
        await Task.WhenAll(Enumerable.Range(0, Count(urls.Length)).Select(chunk =>
            Chunk(chunk).WriteUrlsAsync(new PrewarmUrls { Urls = [.. urls.Skip(chunk * ChunkUrls).Take(ChunkUrls)] }, cancellationToken)));

    /// <returns>All URLs, and of each edge a byte for each of them.</returns>
    public async Task<(ImmutableArray<string> Urls, byte[][] Cells)> ReadAsync(int urls, int edges, CancellationToken cancellationToken)
    {
        PrewarmChunk[] chunks = await Task.WhenAll(Enumerable.Range(0, Count(urls)).Select(chunk => Chunk(chunk).ReadAsync(cancellationToken)));
        byte[][] cells = [.. Enumerable.Range(0, edges).Select(_ => new byte[urls])];
        foreach ((int index, PrewarmChunk chunk) in chunks.Index())
        {
            int length = Math.Min(ChunkUrls, urls - (index * ChunkUrls));
            if (chunk.Urls.Length != length)
            {
                throw new InvalidOperationException($"part {index} of the stored prewarm job has {chunk.Urls.Length} URLs instead of {length}");
            }

            for (int edge = 0; edge < edges && chunk.Cells.Length == length * edges; edge++)
            {
                chunk.Cells.AsSpan(edge * length, length).CopyTo(cells[edge].AsSpan(index * ChunkUrls));
            }
        }

        return ([.. chunks.SelectMany(c => c.Urls)], cells);
    }

    /// <summary>What has changed since the last call.</summary>
    public async Task WriteCellsAsync(PrewarmJob state, int edges, int urls) =>
        await Task.WhenAll(state.TakeChanged().Select(task => task / ChunkUrls).Distinct().Select(chunk =>
        {
            int length = Math.Min(ChunkUrls, urls - (chunk * ChunkUrls));
            var cells = new byte[length * edges];
            for (int edge = 0; edge < edges; edge++)
            {
                state.CellsOf(edge).AsSpan(chunk * ChunkUrls, length).CopyTo(cells.AsSpan(edge * length));
            }

            return Chunk(chunk).WriteCellsAsync(new PrewarmCells { Cells = cells }, CancellationToken.None);
        }));

    public async Task ClearAsync(int urls, CancellationToken cancellationToken) =>
        await Task.WhenAll(Enumerable.Range(0, Count(urls)).Select(chunk => Chunk(chunk).ClearAsync(cancellationToken)));

    private static int Count(int urls) => (urls + ChunkUrls - 1) / ChunkUrls;

    private IPrewarmChunkGrain Chunk(int index) => grains.GetGrain<IPrewarmChunkGrain>($"{job}/{GrainKeys.Of(index)}");
}
