using System.Collections.Immutable;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Dns.FromConfig;
using OrleansCdn.Dns.Geo;
using OrleansCdn.Dns.Steering;
using OrleansCdn.Dns.Zones;

namespace OrleansCdn.Edge.Dns;

/// <summary>
/// What was compiled from one config and one pair of databases: zones and steering speak of the same PoPs, so they are only ever put in
/// force together.
/// </summary>
internal sealed record DnsGeneration
{
    public required EdgeSnapshot Snapshot { get; init; }

    public required GeoDatabases Databases { get; init; }

    /// <summary>Edges whose own addresses are left out.</summary>
    public required ImmutableArray<string> DrainedEdges { get; init; }

    public required SteeringPolicy Policy { get; init; }

    /// <summary>Those with errors have no zone and are not answered for.</summary>
    public required ImmutableArray<CompiledZone> Zones { get; init; }

    /// <summary>Null: it could not be compiled, see <see cref="Problem"/>, and nothing was in force before.</summary>
    public required SteeringTable? Steering { get; init; }

    public string? Problem { get; init; }

    /// <summary>Takes seconds with large databases, unless <paramref name="before"/> steers alike.</summary>
    /// <param name="drained">Edges whose own addresses are left out.</param>
    /// <param name="makers">For this snapshot.</param>
    /// <param name="version">Serial of zones that name none.</param>
    /// <exception cref="OperationCanceledException">Something newer is to be compiled.</exception>
    public static DnsGeneration Compile(
        EdgeSnapshot snapshot, long version, ImmutableArray<string> drained, GeoDatabases databases, SteeredMakers makers, DnsGeneration? before, DateTimeOffset now, CancellationToken cancellationToken)
    {
        SteeringPolicy policy = ConfiguredSteering.Policy(snapshot.Config);
        ImmutableArray<CompiledZone> zones = ConfiguredZones.Compile(DrainedAddresses.Without(snapshot.Config, drained), version, makers);
        SteeringCompilation compiled =
            before is { Steering: { } table } && ReferenceEquals(before.Databases, databases) && ConfiguredSteering.AreAlike(before.Policy, policy)
                ? new SteeringCompilation { Table = table }
                : SteeringCompiler.Compile(new SteeringInputs { Policy = policy, Databases = databases, Rtt = RttTable.Empty, Now = now }, cancellationToken);
        return new DnsGeneration
        {
            Snapshot = snapshot,
            Databases = databases,
            DrainedEdges = drained,
            Policy = policy,
            Zones = zones,
            Steering = compiled.Table,
            Problem = compiled.Error,
        };
    }

    /// <summary>Whether visitors can be sent by it as its config says.</summary>
    public bool IsWhole => Steering is not null;
}
