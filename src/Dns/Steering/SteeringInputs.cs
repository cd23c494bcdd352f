using System.Collections.Immutable;
using OrleansCdn.Dns.Geo;

namespace OrleansCdn.Dns.Steering;

/// <summary>All that a table is compiled from.</summary>
public sealed record SteeringInputs
{
    public required SteeringPolicy Policy { get; init; }

    public GeoDatabases Databases { get; init; } = GeoDatabases.None;

    /// <summary>Measured round-trip times, usable or not.</summary>
    public RttTable Rtt { get; init; } = RttTable.Empty;

    /// <summary>Percent by PoP, in the policy's order; those that are missing have none. See <see cref="PopLoad.Rounded"/>.</summary>
    public ImmutableArray<int> Loads { get; init; } = [];

    /// <summary>By which measurements are old.</summary>
    public required DateTimeOffset Now { get; init; }
}
