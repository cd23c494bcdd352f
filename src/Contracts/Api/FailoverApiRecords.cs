using System.Collections.Immutable;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Contracts.Failover;

namespace OrleansCdn.Contracts.Api;

/// <summary>How the failover of every server stands.</summary>
public sealed record FailoverReply
{
    /// <summary>0: no config is in force.</summary>
    public required long ConfigVersion { get; init; }

    /// <summary>The figures in force; null: no config is.</summary>
    public FailoverPolicy? Policy { get; init; }

    public required ImmutableArray<FailoverPop> Pops { get; init; }
}

public sealed record FailoverPop
{
    public required string Pop { get; init; }

    /// <summary>What operators want of it; null: not known at the moment.</summary>
    public PopDrain? Drain { get; init; }

    /// <summary>Whether DNS sends visitors there; null: not decided yet, or not known at the moment.</summary>
    public PopEligibility? Eligibility { get; init; }

    /// <summary>Those that hold sessions with its upstreams, in the order of the config; empty: nobody announces there.</summary>
    public required ImmutableArray<FailoverServer> Servers { get; init; }
}

/// <summary>One server that announces, as its announcer reported it last.</summary>
public sealed record FailoverServer
{
    public required string Server { get; init; }

    public required bool Connected { get; init; }

    /// <summary>Of its announcer; null: never seen since the silo's start.</summary>
    public DateTimeOffset? LastSeen { get; init; }

    /// <summary>Null: older software, or not heard yet.</summary>
    public FailoverStatus? Status { get; init; }
}
