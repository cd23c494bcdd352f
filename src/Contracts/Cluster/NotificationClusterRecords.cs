using System.Collections.Immutable;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Config;

namespace OrleansCdn.Contracts.Cluster;

/// <summary>Which webhooks there are now.</summary>
/// <param name="ConfigVersion">Of the config that says so.</param>
public sealed record WantedWebhooks(long ConfigVersion, ImmutableArray<NotificationConfig> Webhooks);

/// <summary>Asks for what is to be sent next.</summary>
/// <param name="ConfigVersion">A newer one than at the last failure is tried at once.</param>
/// <param name="Webhook">As it stands in that config.</param>
public sealed record DeliveryAsk(long ConfigVersion, NotificationConfig Webhook);

/// <summary>One POST. Whoever has it sends it once, and tells how that ended.</summary>
public sealed record DeliveryOrder
{
    /// <summary>The same for each attempt with the same events.</summary>
    public required string Id { get; init; }

    public required int Attempt { get; init; }

    public required NotificationConfig Webhook { get; init; }

    /// <summary>Oldest first.</summary>
    public required ImmutableArray<CdnEvent> Events { get; init; }

    /// <summary>Events that were forgotten before these.</summary>
    public required long Missed { get; init; }
}

public sealed record NextDelivery
{
    /// <summary>Null: nothing is to be sent now.</summary>
    public DeliveryOrder? Order { get; init; }

    /// <summary>When to ask again; null: when <see cref="WaitFor"/> has an answer.</summary>
    public DateTimeOffset? Due { get; init; }

    /// <summary>What is waited for.</summary>
    public EventQuery? WaitFor { get; init; }
}

/// <summary>How an attempt ended.</summary>
public sealed record DeliveryResult
{
    /// <summary>A line.</summary>
    public const int MaxEvidenceLength = 300;

    public required string Id { get; init; }

    public required int Attempt { get; init; }

    public required DeliveryOutcome Outcome { get; init; }

    /// <summary>What the receiver or the network said, and how to mend it.</summary>
    public required string Evidence { get; init; }

    /// <summary>What the receiver asked for.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
