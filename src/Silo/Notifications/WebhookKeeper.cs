using Orleans;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Grains;
using OrleansCdn.Silo.Hosting;

namespace OrleansCdn.Silo.Notifications;

/// <summary>One worker for each webhook of the config.</summary>
internal sealed partial class WebhookKeeper(IGrainFactory grains, WebhookSender sender, TimeProvider time, ILogger<WebhookKeeper> log) : Waker(time)
{
    private readonly TimeProvider _time = time;
    private readonly Dictionary<string, Running> _running = [];

    private sealed record Running(WebhookWorker Worker, CancellationTokenSource Stop, Task Ended);

    protected override async Task WakeAsync(CancellationToken cancellationToken)
    {
        WantedWebhooks wanted = await grains.GetGrain<INotificationDeskGrain>(GrainKeys.Cluster).WakeAsync(cancellationToken);
        foreach (string gone in _running.Keys.Except(wanted.Webhooks.Select(webhook => webhook.Name)).ToList())
        {
            await EndAsync(_running[gone]);
            _running.Remove(gone);
        }

        foreach (NotificationConfig webhook in wanted.Webhooks)
        {
            var ask = new DeliveryAsk(wanted.ConfigVersion, webhook);
            if (_running.TryGetValue(webhook.Name, out Running? running))
            {
                running.Worker.Ask = ask;
                continue;
            }

            var worker = new WebhookWorker(grains, sender, _time, log) { Ask = ask };
            var stop = new CancellationTokenSource();
            _running.Add(webhook.Name, new Running(worker, stop, worker.RunAsync(stop.Token)));
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await Task.WhenAll(_running.Values.Select(EndAsync));
        _running.Clear();
    }

    private static async Task EndAsync(Running running)
    {
        await running.Stop.CancelAsync();
        await running.Ended;
        running.Stop.Dispose();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Webhooks could not be looked at; it is tried every second")]
    protected override partial void LogFailed(Exception error);
}
