using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Config.Scalars;

namespace OrleansCdn.Contracts.Config;

/// <summary>The part of <see cref="SnapshotCheck"/> for webhooks.</summary>
internal static class NotificationCheck
{
    public static void ThrowIfBroken(NotificationConfig notification, string path)
    {
        SnapshotCheck.RequireIs(Tokens.Name, notification.Name, $"{path}.name");
        SnapshotCheck.Require((notification.Url is null) != (notification.UrlFile is null), $"{path}.url");
        SnapshotCheck.Require(notification.Url is null || WebhookUrls.Url.Parse(notification.Url, out _) is null, $"{path}.url");
        SnapshotCheck.Require(notification.UrlFile is null || Tokens.FilePath.Parse(notification.UrlFile, out _) is null, $"{path}.urlFile");
        SnapshotCheck.Require(notification.SecretFile is null || Tokens.FilePath.Parse(notification.SecretFile, out _) is null, $"{path}.secretFile");
        // A kind that this software does not know yet is no reason to refuse a config of newer software.
        SnapshotCheck.Each(notification.Events, $"{path}.events", static (pattern, where) => SnapshotCheck.Require(EventPatterns.IsPattern(pattern), where));
        SnapshotCheck.Require(Enum.IsDefined(notification.MinSeverity) && Enum.IsDefined(notification.Format), $"{path}.format");
        SnapshotCheck.Require(
            SnapshotCheck.IsBetween(notification.Timeout, ConfigLimits.MinNotificationTimeout, ConfigLimits.MaxNotificationTimeout), $"{path}.timeout");
    }
}
