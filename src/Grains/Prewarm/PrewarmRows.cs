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
    public async Task WriteCellsAsync(PrewarmJob state, int edges, int urls)
    {
        byte[][] cells = [.. Enumerable.Range(0, edges).Select(state.CellsOf)];
        await Task.WhenAll(state.TakeChanged().Select(task => task / ChunkUrls).Distinct().Select(chunk => WriteCellsAsync(chunk, cells, urls)));
    }

    /// <summary>All of them.</summary>
    /// <param name="cells">Of each edge a byte for each URL.</param>
    public async Task WriteCellsAsync(byte[][] cells, int urls) =>
        await Task.WhenAll(Enumerable.Range(0, Count(urls)).Select(chunk => WriteCellsAsync(chunk, cells, urls)));

    private Task WriteCellsAsync(int chunk, byte[][] all, int urls)
    {
        int length = Math.Min(ChunkUrls, urls - (chunk * ChunkUrls));
        byte[] cells = [.. all.SelectMany(edge => edge.Skip(chunk * ChunkUrls).Take(length))];
        return Chunk(chunk).WriteCellsAsync(new PrewarmCells { Cells = cells }, CancellationToken.None);
    }

    public async Task ClearAsync(int urls, CancellationToken cancellationToken) =>
        await Task.WhenAll(Enumerable.Range(0, Count(urls)).Select(chunk => Chunk(chunk).ClearAsync(cancellationToken)));

    private static int Count(int urls) => (urls + ChunkUrls - 1) / ChunkUrls;

    private IPrewarmChunkGrain Chunk(int index) => grains.GetGrain<IPrewarmChunkGrain>($"{job}/{GrainKeys.Of(index)}");
}
