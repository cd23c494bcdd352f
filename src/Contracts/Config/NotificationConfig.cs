using System.Collections.Immutable;
using System.Text.Json.Serialization;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Contracts.Config;

/// <summary>A webhook: who is told of events, over HTTP.</summary>
public sealed record NotificationConfig
{
    /// <summary>Unique; state and commands go by it.</summary>
    public required string Name { get; init; }

    /// <summary>As it was written; null: it stands in <see cref="UrlFile"/>.</summary>
    public string? Url { get; init; }

    /// <summary>File on the silos' machines with the URL, for URLs that are secrets themselves.</summary>
    public string? UrlFile { get; init; }

    /// <summary>File on the silos' machines with the secret of the signature; null: nothing is signed.</summary>
    public string? SecretFile { get; init; }

    /// <summary>Kinds of events, or their beginnings with a star (<see cref="EventPatterns"/>); empty: all.</summary>
    public ImmutableArray<string> Events { get => field.IsDefault ? [] : field; init; }

    public required EventSeverity MinSeverity { get; init; }

    public required NotificationFormat Format { get; init; }

    /// <summary>The receiver may have a loopback, private or other special-purpose address, and only there plain HTTP.</summary>
    public required bool AllowPrivate { get; init; }

    /// <summary>From resolving the name to the answer's header.</summary>
    public required TimeSpan Timeout { get; init; }
}

/// <summary>What the receiver understands.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<NotificationFormat>))]
public enum NotificationFormat
{
    /// <summary>The events as the API gives them.</summary>
    Json,

    /// <summary>A message for Slack's incoming webhooks, and for what understands them: Mattermost, Rocket.Chat, Zulip.</summary>
    Slack,

    /// <summary>A message for Discord's webhooks.</summary>
    Discord,
}
