namespace OrleansCdn.Simulation.Tests;

/// <summary>Mistakes that the simulated processes can be made to make: a check that cannot fail proves nothing.</summary>
public enum Mutation
{
    None,

    /// <summary>What a fill brings is stored under the purges known when it ended, not when it began.</summary>
    DropFillStamp,

    /// <summary>An edge acknowledges what is in its index before its journal and its cursor are on disk.</summary>
    AcknowledgeBeforeFlush,

    /// <summary>An edge goes on from the place that a gap names and keeps what it has stored.</summary>
    IgnoreGap,

    /// <summary>An edge gives to other edges what it has, whatever purges they know of.</summary>
    PeersIgnoreCursor,

    /// <summary>The log answers before the row is written.</summary>
    AnswerBeforeWrite,

    /// <summary>An edge uses a disk whose journal knows less than the edge has acknowledged.</summary>
    TrustOldJournal,

    /// <summary>An edge counts what was pushed ahead of the log as applied up to there.</summary>
    AheadMovesCursor,

    /// <summary>An edge that got a purge ahead of the log does not apply it again when it comes with the log.</summary>
    AheadCountsForLog,

    /// <summary>A cut-off edge serves what it has, although its site wants it confirmed.</summary>
    IgnoreCutOff,

    /// <summary>A PoP that cannot reach the log tells its edges that nothing is missing.</summary>
    HeartbeatWithoutLog,
}
