using System.Collections.Immutable;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Grains.Prewarm;

/// <summary>What happens to a job.</summary>
internal abstract record PrewarmEvent
{
    /// <summary>Time has passed: there may be something to give out.</summary>
    public sealed record Tick : PrewarmEvent;

    /// <summary>An edge's connection is known.</summary>
    /// <param name="Edge">Index in the job.</param>
    /// <param name="Connection">Null: it is not connected.</param>
    public sealed record Connected(int Edge, string? Connection) : PrewarmEvent;

    /// <summary>Tasks that were given out did not get to the edge.</summary>
    public sealed record Returned(int Edge, ImmutableArray<PrewarmTask> Tasks) : PrewarmEvent;

    public sealed record Reported(int Edge, PrewarmResult Result) : PrewarmEvent;
}

/// <summary>Tasks to be sent to an edge.</summary>
internal sealed record PrewarmDispatch(int Edge, ImmutableArray<PrewarmTask> Tasks);
