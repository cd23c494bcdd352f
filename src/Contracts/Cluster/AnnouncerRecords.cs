using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Contracts.Cluster;

/// <summary>What a connection has sent to its announcer so far, and how long it is willing to wait for more.</summary>
public sealed record AnnouncerPosition
{
    public required string Edge { get; init; }

    public required string Connection { get; init; }

    /// <summary>Of the desired state that was sent last; empty: none on this connection.</summary>
    public required string Stamp { get; init; }

    public required TimeSpan Wait { get; init; }
}

/// <summary>What an announcer lacks.</summary>
public sealed record AnnouncerUpdate
{
    public required FeedVerdict Verdict { get; init; }

    /// <summary>With <see cref="FeedVerdict.Messages"/>; null: nothing is new at the end of the wait.</summary>
    public DesiredAnnouncements? Desired { get; init; }

    /// <summary>Where the announcer stands after that; comparable for equality only.</summary>
    public string Stamp { get; init; } = "";
}

/// <summary>Sign of life of an announcer.</summary>
/// <param name="Edge">The server that it stands on.</param>
/// <param name="Connection">The connection that it came by.</param>
/// <param name="Report">Null: a heartbeat, nothing has changed.</param>
public sealed record AnnouncerWord(string Edge, string Connection, AnnouncerReport? Report);
