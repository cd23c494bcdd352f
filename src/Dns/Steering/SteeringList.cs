using System.Collections.Immutable;

namespace OrleansCdn.Dns.Steering;

/// <summary>An ordered list of PoPs; each list of a table is another one.</summary>
/// <param name="Pops">All PoPs, as indexes into <see cref="SteeringTable.Pops"/>, the best first.</param>
public sealed record SteeringList(ImmutableArray<int> Pops)
{
    /// <summary>Parts of <see cref="PopLoad.Parts"/> of the clients that <see cref="Alternative"/> is for, since the first PoP has too much.</summary>
    internal int ShedParts { get; init; }

    /// <summary>Another list of the table.</summary>
    internal int Alternative { get; init; }
}
