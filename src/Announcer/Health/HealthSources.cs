using System.Collections.Immutable;
using OrleansCdn.Announcer.Health.Probes;

namespace OrleansCdn.Announcer.Health;

/// <summary>What the health loop looks at.</summary>
internal sealed record HealthSources
{
    /// <summary>What has to answer; empty: where the edge says that it listens.</summary>
    public required ImmutableArray<ProbeTarget> Given { get; init; }

    /// <summary>Something has to answer before this server is announced.</summary>
    public required bool NeedsProof { get; init; }

    /// <summary>Who asks a target.</summary>
    public required Func<ProbeTarget, IProbe> NewProbe { get; init; }

    /// <summary>Asks the edge how it is; null: nobody does.</summary>
    public Func<CancellationToken, Task<LocalAnswer>>? AskEdge { get; init; }

    /// <summary>Why this process cannot save what it has to, null while it can; null itself: it has no disk.</summary>
    public Func<string?>? DiskTrouble { get; init; }
}
