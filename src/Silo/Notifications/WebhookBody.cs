using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Grains.Notifications;

namespace OrleansCdn.Silo.Notifications;

/// <summary>What is posted, in the form that the receiver understands.</summary>
internal static class WebhookBody
{
    public static byte[] Of(DeliveryOrder order) =>
        Of(order, WebhookMessage.EventsType, DeliveryText.Of(order.Webhook.Format, order.Missed, order.Events));

    public static byte[] OfTest(DeliveryOrder order) =>
        Of(order, WebhookMessage.TestType, $"This is a test of webhook {order.Webhook.Name}: events will come here.");

    private static byte[] Of(DeliveryOrder order, string type, string text) => order.Webhook.Format switch
    {
        NotificationFormat.Slack => JsonSerializer.SerializeToUtf8Bytes(new SlackMessage(text), WebhookJson.Default.SlackMessage),
        NotificationFormat.Discord => JsonSerializer.SerializeToUtf8Bytes(new DiscordMessage(text, new AllowedMentions([])), WebhookJson.Default.DiscordMessage),
        _ => JsonSerializer.SerializeToUtf8Bytes(
            new WebhookMessage { Type = type, Webhook = order.Webhook.Name, Events = order.Events, Missed = order.Missed, Text = text },
            ContractsJson.Default.WebhookMessage),
    };
}

internal sealed record SlackMessage(string Text);

internal sealed record DiscordMessage(string Content, AllowedMentions AllowedMentions);

/// <param name="Parse">Which mentions in the text call people; empty: none.</param>
internal sealed record AllowedMentions(string[] Parse);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(SlackMessage))]
[JsonSerializable(typeof(DiscordMessage))]
internal sealed partial class WebhookJson : JsonSerializerContext;
