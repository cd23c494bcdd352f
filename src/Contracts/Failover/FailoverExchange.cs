using System.Collections.Immutable;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Contracts.Failover;

/// <summary>Bounds of what announcers tell each other; who goes beyond them is not listened to.</summary>
public static class FailoverLimits
{
    /// <summary>Of one line, and of what waits for a server: each of the others has one request under way, and repeats it.</summary>
    public const int MaxQueued = FailoverPlan.MaxServers;

    /// <summary>Transitions that wait for a silo; what is older is left out, and counted.</summary>
    public const int MaxNotes = 64;

    /// <summary>Of a line for people: evidence, reasons. Longer ones are shortened.</summary>
    public const int MaxTextLength = 300;
}

/// <summary>From an announcer to the others. A silo carries it and decides nothing.</summary>
public sealed record FailoverWord : AnnouncerMessage
{
    /// <summary>How it stands; null: as it said last.</summary>
    public PeerView? View { get; init; }

    public ImmutableArray<PledgeQuestion> Questions { get => field.IsDefault ? [] : field; init; }

    public ImmutableArray<PledgeReply> Replies { get => field.IsDefault ? [] : field; init; }

    /// <summary>For the time line, oldest first.</summary>
    public ImmutableArray<FailoverNote> Notes { get => field.IsDefault ? [] : field; init; }

    /// <summary>Random id of an announcement that waits for a warm cache; asked again until <see cref="FailoverNews.Warmed"/> names it; null: none waits.</summary>
    public long? WarmUp { get; init; }
}

/// <param name="Server">Whom it is for.</param>
public sealed record PledgeQuestion(string Server, PledgeRequest Request);

/// <param name="Server">Whom it is for.</param>
public sealed record PledgeReply(string Server, PledgeAnswer Answer);

/// <summary>A change of an announcer's phase.</summary>
/// <param name="Ago">Counted back from when this was said.</param>
/// <param name="What">For people: what happened and why.</param>
public sealed record FailoverNote(FailoverPhase From, FailoverPhase To, string What, TimeSpan Ago);

/// <summary>What others say to an announcer, and operators.</summary>
public sealed record FailoverNews : AnnouncerOrder
{
    /// <summary>Of other servers, each at most once; only those that have said something since.</summary>
    public ImmutableArray<PeerView> Views { get => field.IsDefault ? [] : field; init; }

    /// <summary>Asked of this server.</summary>
    public ImmutableArray<PledgeRequest> Questions { get => field.IsDefault ? [] : field; init; }

    /// <summary>To what this server asked.</summary>
    public ImmutableArray<PledgeAnswer> Replies { get => field.IsDefault ? [] : field; init; }

    /// <summary>Null: unchanged since they were sent on this connection.</summary>
    public FailoverOrders? Orders { get; init; }

    /// <summary>The <see cref="FailoverWord.WarmUp"/> that is done, or cannot be; null: none.</summary>
    public long? Warmed { get; init; }
}
