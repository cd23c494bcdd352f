using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Grains.Notifications;

/// <summary>Compares the config with the webhooks that have begun. A webhook is begun before it is written down here, and forgotten before it is crossed out.</summary>
internal sealed partial class NotificationDeskGrain(
    [PersistentState("notification-desk", GrainKeys.Storage)] IPersistentState<NotificationDeskRow> row, ILogger<NotificationDeskGrain> log)
    : Grain, INotificationDeskGrain
{
    private NotificationDeskRow _row = new();
    private ConfigSnapshot? _config;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _row = row.RecordExists ? row.State : new NotificationDeskRow();
        return _row.Format > NotificationDeskRow.CurrentFormat
            ? throw new InvalidOperationException(
                $"the stored webhooks have format {_row.Format}, this software reads up to {NotificationDeskRow.CurrentFormat}: run the newer software that wrote them")
            : Task.CompletedTask;
    }

    public async Task<WantedWebhooks> WakeAsync(CancellationToken cancellationToken)
    {
        IConfigGrain grain = GrainFactory.GetGrain<IConfigGrain>(GrainKeys.Cluster);
        ConfigPosition position = await grain.PositionAsync(cancellationToken);
        if (position.Version > 0 && (position.Epoch != _config?.Epoch || position.Version != _config.Version))
        {
            _config = await grain.CurrentAsync(cancellationToken) ?? _config;
        }

        if (_config is not { } config)
        {
            return new WantedWebhooks(0, []);
        }

        ImmutableArray<NotificationConfig> wanted = config.Config.Notifications;
        ImmutableArray<string> names = [.. wanted.Select(webhook => webhook.Name)];
        if (!names.Order().SequenceEqual(_row.Names.Order()))
        {
            foreach (string begun in names.Except(_row.Names))
            {
                await Webhook(begun).BeginAsync(cancellationToken);
                LogBegun(begun);
            }

            foreach (string gone in _row.Names.Except(names))
            {
                await Webhook(gone).ForgetAsync(cancellationToken);
                LogForgotten(gone);
            }

            row.State = _row with { Names = names };
            await row.WriteStateOrReloadAsync(this);
            _row = row.State;
        }

        return new WantedWebhooks(config.Version, wanted);
    }

    private IWebhookGrain Webhook(string name) => GrainFactory.GetGrain<IWebhookGrain>(name);

    [LoggerMessage(Level = LogLevel.Information, Message = "Webhook {Webhook} is told what happens from now on")]
    private partial void LogBegun(string webhook);

    [LoggerMessage(Level = LogLevel.Information, Message = "Webhook {Webhook} is in the config no more, and forgotten")]
    private partial void LogForgotten(string webhook);
}
