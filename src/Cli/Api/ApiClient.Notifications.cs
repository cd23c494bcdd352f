using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Cli.Api;

/// <summary>Webhooks.</summary>
internal sealed partial class ApiClient
{
    public Task<NotificationsReply> NotificationsAsync(CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, ApiRoutes.Notifications, null, ContractsJson.Default.NotificationsReply, cancellationToken);

    public Task<WebhookTestReply> TestNotificationAsync(string name, CancellationToken cancellationToken) => SendAsync(
        HttpMethod.Post, WithPart(ApiRoutes.NotificationTest, "name", name), null, ContractsJson.Default.WebhookTestReply, cancellationToken);
}
