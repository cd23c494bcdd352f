using System.Collections.Immutable;
using Orleans;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Grains;
using OrleansCdn.Grains.Events;

namespace OrleansCdn.Silo.Hosting;

/// <summary>Brings what this silo's grains tell to the log: what comes during one write shares the next.</summary>
internal sealed partial class EventKeeper(EventOutbox outbox, IGrainFactory grains, TimeProvider time, ILogger<EventKeeper> log) : BackgroundService
{
    /// <summary>A database that is restarted is back in seconds; until then the outbox holds what comes.</summary>
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    /// <summary>Well below the time that a silo has for its end.</summary>
    private static readonly TimeSpan LastWrite = TimeSpan.FromMilliseconds(500);

    private ImmutableArray<NewEvent> _batch = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        bool hasFailed = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await WriteAsync(stoppingToken);
                hasFailed = false;
                await outbox.WaitAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                if (!hasFailed)
                {
                    LogFailed(error);
                }

                hasFailed = true;
                await Task.Delay(RetryAfter, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>What was told by the time of the end is written down, too, if that is quick.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        using var limit = new CancellationTokenSource(LastWrite, time);
        try
        {
            await WriteAsync(limit.Token);
        }
        catch (Exception error)
        {
            LogFailed(error);
        }
    }

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            _batch = _batch.IsEmpty ? outbox.Take() : _batch;
            if (_batch.IsEmpty)
            {
                return;
            }

            await grains.GetGrain<IEventLogGrain>(GrainKeys.Cluster).AppendAsync(new EventBatch(_batch), cancellationToken);
            _batch = [];
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Events could not be written down; it is tried every second, and what finds no room meanwhile is counted")]
    private partial void LogFailed(Exception error);
}
