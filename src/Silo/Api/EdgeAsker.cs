using Orleans;
using Orleans.Runtime;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Grains;

namespace OrleansCdn.Silo.Api;

/// <summary>Asks edges through their PoPs' grains.</summary>
internal sealed class EdgeAsker(IGrainFactory grains, TimeProvider time)
{
    /// <summary>An edge on another continent answers within a second, one that has to look through its store within four, or not at all.</summary>
    public static readonly TimeSpan Wait = TimeSpan.FromSeconds(5);

    /// <summary>Beyond the edge's time, for the call to the PoP's grain.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(2);

    /// <summary>Does not throw for an edge or a PoP that does not answer.</summary>
    /// <param name="question">Gets an id of its own.</param>
    public async Task<PopReply> AskAsync(string pop, string edge, EdgeQuestion question, CancellationToken cancellationToken)
    {
        var asked = new PopQuestion(edge, question with { Id = Guid.NewGuid().ToString("N") }, Wait);
        try
        {
            return await grains.GetGrain<IPopGrain>(pop).AskAsync(asked, cancellationToken).WaitAsync(Wait + Margin, time, cancellationToken);
        }
        catch (Exception error) when (error is TimeoutException or OrleansException)
        {
            return new PopReply(AnswerOutcome.NoAnswer);
        }
    }
}
