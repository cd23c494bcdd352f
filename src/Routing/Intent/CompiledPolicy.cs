using System.Collections.Immutable;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Routing.Intent;

/// <summary>What a policy error is about.</summary>
public enum PolicyPart
{
    Provider,
    CarrierPrepend,
    CarrierWithdraw,
    NoExport,
    IxpOnly,
    Communities,
}

/// <param name="Part">What it is about.</param>
/// <param name="Carrier">The carrier, where it is about one.</param>
/// <param name="Message">What cannot be said, to whom, and what can instead.</param>
public sealed record PolicyError(PolicyPart Part, CarrierPolicy? Carrier, string Message);

/// <summary>What a policy comes to.</summary>
public sealed record CompiledPolicy
{
    /// <summary>One for each prefix that is announced, in the order of the cluster's prefixes. Empty with <see cref="Errors"/>.</summary>
    public required ImmutableArray<DesiredRoute> Routes { get; init; }

    /// <summary>What was asked for, by whom, and what expresses it, line by line.</summary>
    public required ImmutableArray<string> Explanation { get; init; }

    public required ImmutableArray<PolicyError> Errors { get; init; }
}
