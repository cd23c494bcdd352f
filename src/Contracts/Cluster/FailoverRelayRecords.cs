using System.Collections.Immutable;
using OrleansCdn.Contracts.Failover;

namespace OrleansCdn.Contracts.Cluster;

/// <summary>What an announcer has said over one connection.</summary>
/// <param name="Server">Its name.</param>
/// <param name="Connection">The connection that it came by.</param>
/// <param name="Word">For the others; null: nothing.</param>
/// <param name="OrdersVersion">Of the operator's orders that it has, by its last report; 0: none, or it has not said.</param>
public sealed record RelayWord(string Server, string Connection, FailoverWord? Word, long OrdersVersion);

/// <summary>What a connection has brought to its announcer so far, and how long it is willing to wait for more.</summary>
public sealed record RelayPosition
{
    public required string Server { get; init; }

    public required string Connection { get; init; }

    /// <summary>The last <see cref="RelayUpdate.Taken"/>; what came with it is not sent again. 0: none.</summary>
    public required long Taken { get; init; }

    /// <summary>Of the operator's orders that were sent; 0: none.</summary>
    public required long OrdersVersion { get; init; }

    public required TimeSpan Wait { get; init; }
}

public sealed record RelayUpdate
{
    public required FeedVerdict Verdict { get; init; }

    /// <summary>With <see cref="FeedVerdict.Messages"/>; null: nothing is new at the end of the wait.</summary>
    public FailoverNews? News { get; init; }

    /// <summary>To be told next time: until then it counts as not brought.</summary>
    public long Taken { get; init; }
}

/// <summary>From the relay of one PoP to that of another. What does not arrive is said again by who said it.</summary>
public sealed record RelayParcel
{
    public required ImmutableArray<RelayedView> Views { get; init; }

    public required ImmutableArray<RelayedQuestion> Questions { get; init; }

    public required ImmutableArray<RelayedReply> Replies { get; init; }
}

/// <param name="View">As its announcer told it.</param>
/// <param name="Age">For how long relays have had it: nothing counts as fresh because it was passed on.</param>
public sealed record RelayedView(PeerView View, TimeSpan Age);

/// <param name="Question">As it was asked.</param>
/// <param name="Age">For how long relays have had it.</param>
public sealed record RelayedQuestion(PledgeQuestion Question, TimeSpan Age);

/// <param name="Reply">As it was given.</param>
/// <param name="Age">For how long relays have had it.</param>
public sealed record RelayedReply(PledgeReply Reply, TimeSpan Age);
