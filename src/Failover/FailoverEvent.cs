using System.Collections.Immutable;

namespace OrleansCdn.Failover;

/// <summary>What an announcer is told.</summary>
public abstract record FailoverEvent;

/// <summary>Time passes. To be sent several times a second.</summary>
public sealed record Tick : FailoverEvent
{
    public static readonly Tick Instance = new();
}

/// <summary>The local edge was asked through the anycast address.</summary>
/// <param name="Failure">Null: it answered as it should.</param>
public sealed record Probed(CheckFailure? Failure) : FailoverEvent;

/// <param name="Check">Name of the check, the same on all servers: <c>http</c>, <c>tls</c>, <c>connect</c> …</param>
/// <param name="Evidence">What was seen, for people.</param>
public sealed record CheckFailure(string Check, string Evidence);

/// <summary>The cache has what it should, or cannot get it.</summary>
/// <param name="What">For people: which of both.</param>
public sealed record Warmed(string What) : FailoverEvent
{
    public static readonly Warmed Instance = new("its cache is warm");
}

/// <summary>What the sessions have sent.</summary>
/// <param name="IsOnWire">At least one Established session has been sent the routes.</param>
public sealed record OnWire(bool IsOnWire) : FailoverEvent;

/// <summary>How many visitors' connections the servers still have.</summary>
public sealed record Connections(int Count) : FailoverEvent;

/// <summary>The operator's orders as they stand: state, not news, so that a repeated or lost one does no harm.</summary>
public sealed record Ordered(FailoverOrders Orders) : FailoverEvent;

/// <summary>The config in force. Nobody else than its servers is listened to.</summary>
/// <param name="Servers">All that announce, this one included.</param>
/// <param name="Policy">Its figures.</param>
public sealed record Configured(ImmutableArray<KnownServer> Servers, FailoverPolicy Policy) : FailoverEvent;

/// <summary>Another announcer's word.</summary>
public sealed record PeerTold(PeerView View) : FailoverEvent;

/// <summary>This server asked another one's edge itself, at its own unicast address.</summary>
/// <param name="Server">Whose.</param>
/// <param name="Answered">False: it did not answer as it should.</param>
public sealed record PeerProbed(string Server, bool Answered) : FailoverEvent;

/// <summary>Another announcer asks this one to stay.</summary>
public sealed record PledgeAsked(PledgeRequest Request) : FailoverEvent;

/// <summary>The answer to a request of this announcer.</summary>
public sealed record PledgeAnswered(PledgeAnswer Answer) : FailoverEvent;

/// <summary>What <see cref="Keep"/> asked for is on the disk.</summary>
/// <param name="Version">Of <see cref="FailoverDurable.Version"/>.</param>
public sealed record Kept(long Version) : FailoverEvent;
