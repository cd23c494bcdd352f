using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Grains.Events;

namespace OrleansCdn.Grains.Notifications;

/// <summary>A shell around <see cref="DeliveryMachine"/>: what a step gives is written down, and only then sent or told.</summary>
internal sealed partial class WebhookGrain(
    [PersistentState("webhook", GrainKeys.Storage)] IPersistentState<DeliveryRow> row, TimeProvider time, EventOutbox events, ILogger<WebhookGrain> log)
    : Grain, IWebhookGrain
{
    private readonly Random _jitter = new();
    private DeliveryRow _row = new();
    private string _name = "";

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _name = this.GetPrimaryKeyString();
        _row = row.RecordExists ? row.State : new DeliveryRow();
        return _row.Format > DeliveryRow.CurrentFormat
            ? throw new InvalidOperationException(
                $"the stored state of webhook '{_name}' has format {_row.Format}, this software reads up to {DeliveryRow.CurrentFormat}: run the newer software that wrote it")
            : Task.CompletedTask;
    }

    public async Task BeginAsync(CancellationToken cancellationToken)
    {
        EventsReply newest = await Log.ReadAsync(new EventQuery { Limit = 1 }, cancellationToken);
        await StepAsync(new DeliveryBegan(newest.Next));
    }

    public async Task ForgetAsync(CancellationToken cancellationToken)
    {
        if (row.RecordExists)
        {
            await row.ClearStateAsync(cancellationToken);
        }

        _row = new DeliveryRow();
        DeactivateOnIdle();
    }

    public async Task<NextDelivery> NextAsync(DeliveryAsk ask, CancellationToken cancellationToken)
    {
        if (!DeliveryMachine.IsDue(_row, ask.ConfigVersion, time.GetUtcNow()))
        {
            return new NextDelivery { Due = DeliveryMachine.DueAt(_row, ask.ConfigVersion) };
        }

        EventsReply log = await Log.ReadAsync(DeliveryMachine.Question(_row, ask.Webhook), cancellationToken);
        DeliveryStep step = await StepAsync(new DeliveryLooked(ask.ConfigVersion, ask.Webhook, log));
        return new NextDelivery { Order = step.Order, WaitFor = step.Order is null ? DeliveryMachine.Question(_row, ask.Webhook) : null };
    }

    public async Task EndedAsync(DeliveryResult result, CancellationToken cancellationToken)
    {
        DeliveryRow before = _row;
        await StepAsync(new DeliveryEnded(result, _jitter.NextDouble()));
        if (before.IsTold != _row.IsTold)
        {
            LogChanged(_name, result.Outcome, result.Evidence);
        }
    }

    public Task RetryAsync(CancellationToken cancellationToken) => StepAsync(new ReceiverWorks());

    public async Task<WebhookStatus> ViewAsync(NotificationConfig webhook, CancellationToken cancellationToken)
    {
        int pending = _row.Cursor is null ? 0 : await Log.CountAsync(DeliveryMachine.Question(_row, webhook), cancellationToken);
        return new WebhookStatus
        {
            Name = _name,
            Target = webhook.Url ?? $"file {webhook.UrlFile}",
            State = _row.Failures == 0
                ? pending == 0 && _row.Open is null ? WebhookState.UpToDate : WebhookState.Behind
                : _row.LastFailure is { } failure && DeliveryMachine.NeedsMending(failure.Outcome) ? WebhookState.Refused : WebhookState.Failing,
            Cursor = _row.Cursor ?? 0,
            Pending = pending,
            Missed = _row.Missed,
            Failures = _row.Failures,
            LastSuccess = _row.LastSuccess,
            LastFailure = _row.LastFailure,
            NextAttempt = _row.SendingUntil is null ? _row.NotBefore : null,
        };
    }

    private async Task<DeliveryStep> StepAsync(DeliveryEvent happening)
    {
        DeliveryStep step = DeliveryMachine.Step(_name, _row, happening, time.GetUtcNow());
        if (step.MustWrite)
        {
            row.State = step.Row;
            await row.WriteStateOrReloadAsync(this);
        }

        _row = step.Row;
        foreach (NewEvent news in step.News)
        {
            events.Tell(news);
        }

        return step;
    }

    private IEventLogGrain Log => GrainFactory.GetGrain<IEventLogGrain>(GrainKeys.Cluster);

    [LoggerMessage(Level = LogLevel.Information, Message = "Webhook {Webhook}: {Outcome} ({Evidence})")]
    private partial void LogChanged(string webhook, DeliveryOutcome outcome, string evidence);
}
