namespace OrleansCdn.Failover;

/// <summary>What an announcer is to do, in order.</summary>
public abstract record FailoverAction;

/// <summary>What the upstreams are to be told from now on.</summary>
/// <param name="Why">For people.</param>
public sealed record SetLevel(AnnouncementLevel Level, string Why) : FailoverAction;

/// <summary>Write this to the disk, and answer with <see cref="Failover.Kept"/> when it is there.</summary>
public sealed record Keep(FailoverDurable Durable) : FailoverAction;

/// <summary>Tell all others.</summary>
public sealed record Tell(PeerView View) : FailoverAction;

/// <summary>Ask another announcer.</summary>
/// <param name="Server">Whom.</param>
public sealed record AskPledge(string Server, PledgeRequest Request) : FailoverAction;

/// <summary>Answer another announcer. Whatever it relies on is on the disk.</summary>
/// <param name="Server">Whom.</param>
public sealed record AnswerPledge(string Server, PledgeAnswer Answer) : FailoverAction;

/// <summary>Fetch what visitors will ask for; answered with <see cref="Warmed"/>.</summary>
public sealed record WarmUp : FailoverAction
{
    public static readonly WarmUp Instance = new();
}

/// <summary>For the time line.</summary>
/// <param name="What">For people: what happened and why.</param>
public sealed record Note(FailoverPhase From, FailoverPhase To, string What) : FailoverAction;
