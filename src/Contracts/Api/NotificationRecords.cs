using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace OrleansCdn.Contracts.Api;

/// <summary>How an attempt to deliver ended.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DeliveryOutcome>))]
public enum DeliveryOutcome
{
    /// <summary>A status of 200 to 299.</summary>
    Delivered,

    /// <summary>A status that another attempt will not change: 410, any other below 500 but 408 and 429.</summary>
    Refused,

    /// <summary>408, 429, or 500 and above.</summary>
    Unavailable,

    /// <summary>No answer within the webhook's timeout.</summary>
    TimedOut,

    /// <summary>No such name, no connection, no TLS, or a connection that broke.</summary>
    Unreachable,

    /// <summary>The name leads to an address that the webhook may not use.</summary>
    NotAllowed,

    /// <summary>A file with the URL or the secret cannot be used: nothing was sent.</summary>
    NotReady,

    /// <summary>The silo ended meanwhile.</summary>
    Interrupted,
}

[JsonConverter(typeof(JsonStringEnumConverter<WebhookState>))]
public enum WebhookState
{
    /// <summary>Everything that it wants was delivered.</summary>
    UpToDate,

    /// <summary>Events wait to be delivered, or are on their way.</summary>
    Behind,

    /// <summary>Attempts fail; they go on.</summary>
    Failing,

    /// <summary>Attempts fail, and will until somebody mends it; they go on, seldom.</summary>
    Refused,
}

/// <param name="When">Of the attempt's end.</param>
/// <param name="Outcome">What kind of failure.</param>
/// <param name="Evidence">What the receiver or the network said, and how to mend it.</param>
public sealed record WebhookFailure(DateTimeOffset When, DeliveryOutcome Outcome, string Evidence);

/// <summary>How one webhook is.</summary>
public sealed record WebhookStatus
{
    public required string Name { get; init; }

    /// <summary>Its URL, or <c>file /path</c> when that is a secret.</summary>
    public required string Target { get; init; }

    public required WebhookState State { get; init; }

    /// <summary>Id of the last event that was delivered or is none of its own.</summary>
    public required long Cursor { get; init; }

    /// <summary>Events that wait.</summary>
    public required int Pending { get; init; }

    /// <summary>Events that were forgotten before they could be delivered, of all kinds; so many at most were its own.</summary>
    public required long Missed { get; init; }

    /// <summary>Failed attempts in a row.</summary>
    public required int Failures { get; init; }

    public DateTimeOffset? LastSuccess { get; init; }

    /// <summary>Stays after a success, for those who ask what was.</summary>
    public WebhookFailure? LastFailure { get; init; }

    /// <summary>Null: at once when there is something.</summary>
    public DateTimeOffset? NextAttempt { get; init; }
}

public sealed record NotificationsReply
{
    /// <summary>In the order of the config.</summary>
    public required ImmutableArray<WebhookStatus> Webhooks { get; init; }
}

/// <summary>How a test message fared.</summary>
public sealed record WebhookTestReply
{
    public required string Name { get; init; }

    public required DeliveryOutcome Outcome { get; init; }

    /// <summary>What the receiver or the network said.</summary>
    public required string Evidence { get; init; }

    public required int Milliseconds { get; init; }
}

/// <summary>What a receiver of format <c>json</c> gets.</summary>
public sealed record WebhookMessage
{
    public const string EventsType = "cdn.events";
    public const string TestType = "cdn.test";

    /// <summary><see cref="EventsType"/>, or <see cref="TestType"/> without events.</summary>
    public required string Type { get; init; }

    public required string Webhook { get; init; }

    /// <summary>Oldest first.</summary>
    public required ImmutableArray<CdnEvent> Events { get; init; }

    /// <summary>Events of all kinds that were forgotten before these.</summary>
    public required long Missed { get; init; }

    /// <summary>The same for people, a line each.</summary>
    public required string Text { get; init; }
}
