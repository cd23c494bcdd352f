using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Grains.Notifications;

/// <summary>How far a webhook is: the row of its grain. Immutable.</summary>
internal sealed record DeliveryRow
{
    public const int CurrentFormat = 1;

    /// <summary>Version of this record's stored form.</summary>
    public int Format { get; init; } = CurrentFormat;

    /// <summary>Id of the last event that needs no delivery any more; null: not begun.</summary>
    public long? Cursor { get; init; }

    /// <summary>What is tried until it is delivered; null: nothing.</summary>
    public OpenDelivery? Open { get; init; }

    /// <summary>Attempts since the beginning: tells a late answer from that of the attempt that counts.</summary>
    public int Attempts { get; init; }

    /// <summary>An attempt runs, and is given up then; null: none does.</summary>
    public DateTimeOffset? SendingUntil { get; init; }

    /// <summary>No attempt before; null: no back-off.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>Config at the last attempt.</summary>
    public long ConfigVersion { get; init; }

    /// <summary>In a row.</summary>
    public int Failures { get; init; }

    /// <summary>An event has told that it fails.</summary>
    public bool IsTold { get; init; }

    /// <summary>Forgotten events that the receiver was not told of.</summary>
    public long Untold { get; init; }

    /// <summary>Forgotten events since the beginning.</summary>
    public long Missed { get; init; }

    public DateTimeOffset? LastSuccess { get; init; }

    public WebhookFailure? LastFailure { get; init; }
}

/// <summary>What one delivery holds: the wanted events above the cursor, up to one of them.</summary>
/// <param name="UpTo">Id of the last; equal to the cursor when it only tells that events were forgotten.</param>
/// <param name="Count">How many.</param>
internal sealed record OpenDelivery(long UpTo, int Count);
