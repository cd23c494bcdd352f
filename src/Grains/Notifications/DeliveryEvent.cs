using System.Collections.Immutable;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Config;

namespace OrleansCdn.Grains.Notifications;

/// <summary>What can happen to a webhook.</summary>
internal abstract record DeliveryEvent;

/// <param name="Newest">Id of the newest event.</param>
internal sealed record DeliveryBegan(long Newest) : DeliveryEvent;

/// <summary>Somebody is ready to send.</summary>
/// <param name="ConfigVersion">Of the config that <paramref name="Webhook"/> is from.</param>
/// <param name="Webhook">As it is wanted now.</param>
/// <param name="Log">The answer to <see cref="DeliveryMachine.Question"/>.</param>
internal sealed record DeliveryLooked(long ConfigVersion, NotificationConfig Webhook, EventsReply Log) : DeliveryEvent;

/// <param name="Result">Of an attempt.</param>
/// <param name="Jitter">0 to 1.</param>
internal sealed record DeliveryEnded(DeliveryResult Result, double Jitter) : DeliveryEvent;

/// <summary>The receiver has been seen to work.</summary>
internal sealed record ReceiverWorks : DeliveryEvent;

/// <param name="Row">The next state; the same object: nothing has changed.</param>
/// <param name="MustWrite">It has to be durable before anything of the step is done.</param>
/// <param name="Order">To be sent.</param>
/// <param name="News">To be told.</param>
internal sealed record DeliveryStep(DeliveryRow Row, bool MustWrite, DeliveryOrder? Order, ImmutableArray<NewEvent> News);
