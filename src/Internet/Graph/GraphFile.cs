using System.Collections.Immutable;

namespace OrleansCdn.Internet.Graph;

/// <summary>What a file says of networks and their relations, before it is known where an operator meets them.</summary>
public sealed record GraphFile
{
    public required string Name { get; init; }

    /// <summary>Where it is from; empty: the file does not say.</summary>
    public string Source { get; init; } = "";

    /// <summary>Each AS number once, ascending.</summary>
    public required ImmutableArray<Network> Networks { get; init; }

    /// <summary>Each pair once; both ends are in <see cref="Networks"/>.</summary>
    public required ImmutableArray<NetworkLink> Links { get; init; }
}
