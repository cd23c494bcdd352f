using System.Collections.Immutable;

namespace OrleansCdn.Grains.Notifications;

/// <summary>Webhooks that have begun. Immutable.</summary>
internal sealed record NotificationDeskRow
{
    public const int CurrentFormat = 1;

    /// <summary>Version of this record's stored form.</summary>
    public int Format { get; init; } = CurrentFormat;

    public ImmutableArray<string> Names { get; init; } = [];
}
