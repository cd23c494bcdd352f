using Orleans;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Config;

namespace OrleansCdn.Grains;

/// <summary>Which webhooks there are: begins with new ones, forgets those that the config has no more. Key: <see cref="GrainKeys.Cluster"/>.</summary>
[Alias("OrleansCdn.INotificationDeskGrain")]
public interface INotificationDeskGrain : IGrainWithStringKey
{
    /// <summary>Called every second by each silo.</summary>
    [Alias("Wake")]
    Task<WantedWebhooks> WakeAsync(CancellationToken cancellationToken);
}

/// <summary>What one webhook was told, and what is next. Key: its name.</summary>
[Alias("OrleansCdn.IWebhookGrain")]
public interface IWebhookGrain : IGrainWithStringKey
{
    /// <summary>Takes the present for the beginning, unless it has begun already. Durable when it returns.</summary>
    [Alias("Begin")]
    Task BeginAsync(CancellationToken cancellationToken);

    /// <summary>Durable when it returns.</summary>
    [Alias("Forget")]
    Task ForgetAsync(CancellationToken cancellationToken);

    /// <summary>An order is given to one caller at a time, and to another one when nobody has told of its end.</summary>
    [Alias("Next")]
    Task<NextDelivery> NextAsync(DeliveryAsk ask, CancellationToken cancellationToken);

    /// <summary>Durable when it returns. May be told again.</summary>
    [Alias("Ended")]
    Task EndedAsync(DeliveryResult result, CancellationToken cancellationToken);

    /// <summary>The receiver works: what waits for the end of a back-off is due.</summary>
    [Alias("Retry")]
    Task RetryAsync(CancellationToken cancellationToken);

    [Alias("View")]
    Task<WebhookStatus> ViewAsync(NotificationConfig webhook, CancellationToken cancellationToken);
}
