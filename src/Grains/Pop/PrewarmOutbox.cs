using System.Collections.Immutable;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Grains.Pop;

/// <summary>Batches that wait for an edge's feed to take them. Not thread safe: it belongs to one grain.</summary>
internal sealed class PrewarmOutbox
{
    /// <summary>Of one edge: some jobs at a time, each with a message on the way and one behind it.</summary>
    public const int MaxBatches = 32;

    private readonly Dictionary<string, Queue<PrewarmBatch>> _edges = [];

    /// <summary>False: too many wait.</summary>
    public bool TryAdd(string edge, PrewarmBatch batch)
    {
        if (!_edges.TryGetValue(edge, out Queue<PrewarmBatch>? queue))
        {
            _edges[edge] = queue = new Queue<PrewarmBatch>();
        }

        if (queue.Count >= MaxBatches)
        {
            return false;
        }

        queue.Enqueue(batch);
        return true;
    }

    public ImmutableArray<SiloMessage> TakeFor(string edge) =>
        _edges.Count > 0 && _edges.Remove(edge, out Queue<PrewarmBatch>? queue) ? [.. queue] : [];
}
