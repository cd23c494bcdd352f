using System.Collections.Immutable;

namespace OrleansCdn.Contracts.Control;

/// <summary>
/// Which other edges answer this one, by name. An edge that has never answered is in neither list: that it cannot be reached from here may
/// be how the network is. Part of a heartbeat, so it is bounded.
/// </summary>
public sealed record EdgeReach
{
    /// <summary>
    /// Edges that are asked: of twenty PoPs a dozen each. With names of 64 characters a quarter of a line (<see cref="FeedProtocol.MaxEdgeLineBytes"/>).
    /// </summary>
    public const int MaxEdges = 256;

    // The generated JSON reader gives a member that was left out its type's default.
    public ImmutableArray<string> Answering { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>They have answered before.</summary>
    public ImmutableArray<string> Silent { get; init => field = value.IsDefault ? [] : value; } = [];
}
