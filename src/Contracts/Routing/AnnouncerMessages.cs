using System.Text.Json.Serialization;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Contracts.Failover;

namespace OrleansCdn.Contracts.Routing;

/// <summary>
/// The announcer's feed: one HTTP/2 request <c>POST /feed/v1/announcer</c> whose body (announcer to silo) and response (silo to
/// announcer) both stay open and carry one JSON message a line. Heartbeats and silence are those of <see cref="FeedProtocol"/>.
/// </summary>
public static class AnnouncerProtocol
{
    public const int Version = 2;
    public const string Path = "/feed/v1/announcer";

    /// <summary>64 upstreams of 16 sessions with 64 routes each, and their errors, are far below it.</summary>
    public const int MaxAnnouncerLineBytes = 4 * 1024 * 1024;
}

[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(AnnouncerHello), "hello")]
[JsonDerivedType(typeof(AnnouncerReport), "report")]
[JsonDerivedType(typeof(FailoverWord), "failover")]
[JsonDerivedType(typeof(AnnouncerHeartbeat), "heartbeat")]
public abstract record AnnouncerMessage;

/// <summary>Always the first line.</summary>
public sealed record AnnouncerHello : AnnouncerMessage
{
    public required int Protocol { get; init; }

    public required string Pop { get; init; }

    /// <summary>The server's name: an announcer stands beside the edge of that name.</summary>
    public required string Edge { get; init; }

    /// <summary>Random per start of the process: a new one takes the place of an older connection.</summary>
    public required string Instance { get; init; }

    public required string SoftwareVersion { get; init; }

    /// <summary>URL of the announcer's own status page; null: none.</summary>
    public string? Admin { get; init; }
}

public sealed record AnnouncerHeartbeat : AnnouncerMessage;

[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(AnnouncerWelcome), "welcome")]
[JsonDerivedType(typeof(AnnouncerRefusal), "refused")]
[JsonDerivedType(typeof(DesiredAnnouncements), "desired")]
[JsonDerivedType(typeof(FailoverNews), "failover")]
[JsonDerivedType(typeof(AnnouncerQuiet), "heartbeat")]
public abstract record AnnouncerOrder;

/// <summary>Always the first line of the response.</summary>
public sealed record AnnouncerWelcome(int Protocol, string Silo) : AnnouncerOrder;

/// <summary>The last line of a connection that the silo will not serve: what is wrong and how to mend it.</summary>
public sealed record AnnouncerRefusal(string Reason) : AnnouncerOrder;

/// <summary>Nothing new: the announcer has been sent all that there is.</summary>
public sealed record AnnouncerQuiet : AnnouncerOrder;
