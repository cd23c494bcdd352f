using OrleansCdn.Contracts.Cluster;

namespace OrleansCdn.Grains.Pop;

/// <summary>Batches of prewarm jobs go down an edge's feed; what becomes of them is the jobs' concern.</summary>
internal sealed partial class PopGrain
{
    private readonly PrewarmOutbox _prewarms = new();

    public Task<PopPrewarmAnswer> PrewarmAsync(PopPrewarm prewarm, CancellationToken cancellationToken)
    {
        string? connection = _members.ConnectionOf(prewarm.Edge);
        bool isTaken = prewarm.Batch is { } batch && connection is not null && connection == prewarm.Connection && _prewarms.TryAdd(prewarm.Edge, batch);
        if (isTaken)
        {
            _news.Raise();
        }

        return Task.FromResult(new PopPrewarmAnswer(connection, isTaken));
    }
}
