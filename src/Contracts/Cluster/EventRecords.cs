using System.Collections.Immutable;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Contracts.Cluster;

/// <summary>Something that has happened, on its way to the log.</summary>
public sealed record NewEvent
{
    /// <summary>A line for people.</summary>
    public const int MaxWhatLength = 240;

    /// <summary>Room for an operator's reason (200), or for a session's error in words.</summary>
    public const int MaxWhyLength = 480;

    /// <summary>Ids of config and names of tokens are shorter.</summary>
    public const int MaxNameLength = 128;

    /// <summary>Null: when it is handed over.</summary>
    public DateTimeOffset? When { get; init; }

    public required EventKind Kind { get; init; }

    public required EventSeverity Severity { get; init; }

    public string? Pop { get; init => field = Bounded(value, MaxNameLength); }

    public string? Edge { get; init => field = Bounded(value, MaxNameLength); }

    public string? Upstream { get; init => field = Bounded(value, MaxNameLength); }

    public string? Webhook { get; init => field = Bounded(value, MaxNameLength); }

    /// <summary>What differs from one time to the next belongs to <see cref="Why"/>: equal ones are counted instead of repeated.</summary>
    public required string What { get; init => field = Bounded(value, MaxWhatLength); }

    public string? Why { get; init => field = Bounded(value, MaxWhyLength); }

    public string? Who { get; init => field = Bounded(value, MaxNameLength); }

    /// <summary>One line of bounded length, whatever a peer or an operator has put into it.</summary>
    [return: System.Diagnostics.CodeAnalysis.NotNullIfNotNull(nameof(text))]
    private static string? Bounded(string? text, int length)
    {
        if (text is null)
        {
            return null;
        }

        if (text.Length > length)
        {
            int end = length - 1;
            text = text[..(char.IsHighSurrogate(text[end - 1]) ? end - 1 : end)] + "…";
        }

        return text.Any(char.IsControl) ? string.Concat(text.Select(c => char.IsControl(c) ? '?' : c)) : text;
    }
}

/// <summary>What one write of the log takes.</summary>
public sealed record EventBatch(ImmutableArray<NewEvent> Events);

/// <summary>A question to the log. What is null does not matter.</summary>
public sealed record EventQuery
{
    /// <summary>Only events above this id, the oldest of them; null: the newest.</summary>
    public long? After { get; init; }

    public string? Pop { get; init; }

    public EventKind? Kind { get; init; }

    /// <summary>Only of these kinds; empty: of every kind.</summary>
    public ImmutableArray<EventKind> Kinds { get => field.IsDefault ? [] : field; init; }

    /// <summary>Only as grave as this, or graver.</summary>
    public EventSeverity MinSeverity { get; init; }

    /// <summary>Nothing about this webhook: what a delivery's failure tells must not be a delivery of its own.</summary>
    public string? ExceptWebhook { get; init; }

    /// <summary>Only what happened, or happened again, since then.</summary>
    public DateTimeOffset? Since { get; init; }

    public required int Limit { get; init; }

    /// <summary>With <see cref="After"/>: how long to wait when there is none.</summary>
    public TimeSpan Wait { get; init; }

    public bool Wants(CdnEvent happened) =>
        !(happened.Id <= After) && (Pop is null || happened.Pop == Pop) && (Kind is null || happened.Kind == Kind)
        && (Kinds.IsEmpty || Kinds.Contains(happened.Kind)) && happened.Severity >= MinSeverity && (ExceptWebhook is null || happened.Webhook != ExceptWebhook)
        && !((happened.Last ?? happened.When) < Since);
}

/// <summary>A piece of the log, as it is stored.</summary>
public sealed record EventSegment
{
    public const int CurrentFormat = 1;

    /// <summary>Version of this record's stored form.</summary>
    public int Format { get; init; } = CurrentFormat;

    public long Index { get; init; }

    /// <summary>In the order of their ids.</summary>
    public ImmutableArray<CdnEvent> Events { get; init; } = [];
}
