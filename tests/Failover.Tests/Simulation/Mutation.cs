namespace OrleansCdn.Failover.Tests.Simulation;

/// <summary>Mistakes that the simulated servers can be made to make: a check that cannot fail proves nothing.</summary>
public enum Mutation
{
    None,

    /// <summary>Who has promised to stay forgets it with its process.</summary>
    PledgeNotPersisted,

    /// <summary>The answer goes out before the promise is on the disk.</summary>
    AnswerBeforeKept,

    /// <summary>A promise holds for ever.</summary>
    PledgeNeverExpires,

    /// <summary>Who has asked uses what was promised however late.</summary>
    LateGrantsCount,

    /// <summary>Nobody who is withdrawn announces on its own.</summary>
    NoRescue,

    /// <summary>A check that fails everywhere is believed.</summary>
    NoVeto,

    /// <summary>One promise is enough whatever the floor.</summary>
    FloorOfOne,

    /// <summary>DNS does not hear of routes.</summary>
    DnsIgnoresRoutes,

    /// <summary>DNS does not hear of operators.</summary>
    DnsForgetsDrains,
}
