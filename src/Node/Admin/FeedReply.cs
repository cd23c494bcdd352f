using OrleansCdn.Node.Links;

namespace OrleansCdn.Node.Admin;

/// <summary>How the link to the silos stands, as admin pages tell it.</summary>
public sealed record FeedReply
{
    public required FeedState State { get; init; }

    public required DateTimeOffset Since { get; init; }

    public Uri? Silo { get; init; }

    /// <summary>How the last connection or attempt ended.</summary>
    public FeedEndReason? LastEnd { get; init; }

    public string? LastEndDetail { get; init; }

    public static FeedReply Of(FeedStatus status) => new()
    {
        State = status.State,
        Since = status.Since,
        Silo = status.Silo,
        LastEnd = status.LastEnd?.Reason,
        LastEndDetail = status.LastEnd?.Detail,
    };
}
