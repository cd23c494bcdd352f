using System.Collections.Concurrent;
using System.Collections.Immutable;
using Orleans;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Grains;
using OrleansCdn.Silo.Auth;
using OrleansCdn.Silo.Notifications;

namespace OrleansCdn.Silo.Api.Notifications;

/// <summary>How the webhooks are, and test messages to them.</summary>
internal sealed class NotificationEndpoints(IGrainFactory grains, ConfigCache configs, WebhookSender sender, TimeProvider time)
{
    /// <summary>Webhooks that a test is on its way to.</summary>
    private readonly ConcurrentDictionary<string, bool> _tests = new();

    public static void Map(IEndpointRouteBuilder routes)
    {
        NotificationEndpoints endpoints = routes.ServiceProvider.GetRequiredService<NotificationEndpoints>();
        routes.MapGet(ApiRoutes.Notifications, endpoints.ListAsync)
            .RequireScope(Scope.Read)
            .WithName("GetNotifications").WithSummary("The webhooks of the config: how far each is, what failed, when it is tried again.")
            .Produces<NotificationsReply>();
        routes.MapPost(ApiRoutes.NotificationTest, endpoints.TestAsync)
            .RequireScope(Scope.Admin)
            .WithName("TestNotification").WithSummary("Sends a test message to a webhook at once, and says how that went; when it went well, what waits for a later attempt is sent, too.")
            .Produces<WebhookTestReply>().Produces<ApiProblem>(StatusCodes.Status404NotFound, "application/problem+json")
            .Produces<ApiProblem>(StatusCodes.Status409Conflict, "application/problem+json")
            .WithRequestTimeout(ConfigLimits.MaxNotificationTimeout + TimeSpan.FromSeconds(15));
    }

    private async Task<IResult> ListAsync(CancellationToken cancellationToken)
    {
        ConfigSnapshot? snapshot = await configs.CurrentAsync(cancellationToken);
        ImmutableArray<NotificationConfig> webhooks = snapshot?.Config.Notifications ?? [];
        return TypedResults.Ok(new NotificationsReply
        {
            Webhooks = [.. await Task.WhenAll(webhooks.Select(webhook => Webhook(webhook.Name).ViewAsync(webhook, cancellationToken)))],
        });
    }

    private async Task<IResult> TestAsync(string name, CancellationToken cancellationToken)
    {
        ConfigSnapshot? snapshot = await configs.CurrentAsync(cancellationToken);
        ImmutableArray<NotificationConfig> webhooks = snapshot?.Config.Notifications ?? [];
        if (webhooks.FirstOrDefault(webhook => webhook.Name == name) is not { } wanted)
        {
            return Problems.Of(StatusCodes.Status404NotFound, webhooks.IsEmpty
                ? "The config has no webhooks: they stand under 'notifications'."
                : $"There is no such webhook; the config has {QuotedNames.Of(webhooks.Select(webhook => webhook.Name))}.");
        }

        if (!_tests.TryAdd(name, true))
        {
            return Problems.Of(StatusCodes.Status409Conflict, $"A test message is on its way to '{name}' already: wait for it.");
        }

        try
        {
            return TypedResults.Ok(await SendTestAsync(wanted, cancellationToken));
        }
        finally
        {
            _tests.TryRemove(name, out _);
        }
    }

    private async Task<WebhookTestReply> SendTestAsync(NotificationConfig webhook, CancellationToken cancellationToken)
    {
        var order = new DeliveryOrder { Id = $"test_{Guid.NewGuid():N}", Attempt = 1, Webhook = webhook, Events = [], Missed = 0 };
        long start = time.GetTimestamp();
        DeliveryResult result = await sender.SendAsync(order, WebhookBody.OfTest(order), cancellationToken);
        int milliseconds = (int)time.GetElapsedTime(start).TotalMilliseconds;
        if (result.Outcome == DeliveryOutcome.Delivered)
        {
            await Webhook(webhook.Name).RetryAsync(cancellationToken);
        }

        return new WebhookTestReply { Name = webhook.Name, Outcome = result.Outcome, Evidence = result.Evidence, Milliseconds = milliseconds };
    }

    private IWebhookGrain Webhook(string name) => grains.GetGrain<IWebhookGrain>(name);
}
