using Orleans;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Grains;

namespace OrleansCdn.Silo.Notifications;

/// <summary>Sends what one webhook's grain wants sent, one delivery after the other. Other silos' workers of the webhook are given nothing meanwhile.</summary>
internal sealed partial class WebhookWorker(IGrainFactory grains, WebhookSender sender, TimeProvider time, ILogger log)
{
    /// <summary>How late a silo sees that a back-off was ended, or that another one has ended without a word.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    /// <summary>How late another filter of a new config counts.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    /// <summary>A database that is restarted is back in seconds; also between two waits that end at once.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(250);

    /// <summary>Well below the time that a silo has for its end.</summary>
    private static readonly TimeSpan LastWord = TimeSpan.FromMilliseconds(500);

    private DeliveryResult? _untold;

    /// <summary>What is wanted now; whoever sees the config changes it.</summary>
    public required DeliveryAsk Ask { get; set => Volatile.Write(ref field, value); }

    /// <summary>Until this silo ends, or the config has no such webhook.</summary>
    public async Task RunAsync(CancellationToken stoppingToken)
    {
        bool hasFailed = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await StepAsync(stoppingToken);
                hasFailed = false;
            }
            catch (Exception error) when (!stoppingToken.IsCancellationRequested)
            {
                if (!hasFailed)
                {
                    LogFailed(Ask.Webhook.Name, error);
                }

                hasFailed = true;
                await Task.Delay(Pace, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception)
            {
                break;
            }
        }

        await LastWordAsync();
    }

    private async Task StepAsync(CancellationToken cancellationToken)
    {
        DeliveryAsk ask = Ask;
        IWebhookGrain webhook = grains.GetGrain<IWebhookGrain>(ask.Webhook.Name);
        if (_untold is { } result)
        {
            await webhook.EndedAsync(result, cancellationToken);
            _untold = null;
        }

        NextDelivery next = await webhook.NextAsync(ask, cancellationToken);
        if (next.Order is { } order)
        {
            _untold = await sender.SendAsync(order, WebhookBody.Of(order), cancellationToken);
        }
        else if (next.Due is { } due)
        {
            TimeSpan pause = due - time.GetUtcNow();
            await Task.Delay(pause < Pace ? Pace : pause < LongestPause ? pause : LongestPause, time, cancellationToken);
        }
        else
        {
            EventQuery query = (next.WaitFor ?? new EventQuery { Limit = 1 }) with { Limit = 1, Wait = LongestWait };
            EventsReply news = await grains.GetGrain<IEventLogGrain>(GrainKeys.Cluster).ReadAsync(query, cancellationToken);
            if (news.Events.IsEmpty)
            {
                await Task.Delay(Pace, time, cancellationToken);
            }
        }
    }

    /// <summary>So that the next silo need not wait for the end of an attempt that is over.</summary>
    private async Task LastWordAsync()
    {
        if (_untold is not { } result)
        {
            return;
        }

        using var limit = new CancellationTokenSource(LastWord, time);
        try
        {
            await grains.GetGrain<IWebhookGrain>(Ask.Webhook.Name).EndedAsync(result, limit.Token);
        }
        catch (Exception error)
        {
            LogFailed(Ask.Webhook.Name, error);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Webhook {Webhook}: its state cannot be read or written; it is tried again and again, and no event is lost by it")]
    private partial void LogFailed(string webhook, Exception error);
}
