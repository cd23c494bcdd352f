using System.Collections.Concurrent;
using OrleansCdn.Contracts.Config;

namespace OrleansCdn.Edge.Origin;

/// <summary>Checks the origins whose config asks for it, each at its own pace, until the config no longer names them.</summary>
public sealed partial class HealthChecker(OriginBook book, HealthCheck check, TimeProvider time, ILogger<HealthChecker> logger) : IDisposable
{
    /// <summary>Checks under way at one time: with the default timeout of 2 s these are 32 origins a second, all of them down.</summary>
    private const int MaxConcurrent = 64;

    /// <summary>Intervals vary by up to a tenth, so that the edges' checks do not arrive together for ever.</summary>
    private const double IntervalSpread = 0.1;

    private readonly ConcurrentDictionary<OriginId, Round> _rounds = new();
    private readonly SemaphoreSlim _slots = new(MaxConcurrent);

    /// <summary>Starts, changes and stops checks as the config says. Calls must not overlap.</summary>
    public void Apply(CdnConfig config)
    {
        HashSet<OriginId> wanted = [];
        foreach (SiteConfig site in config.Sites)
        {
            foreach (OriginEndpoint endpoint in book.Of(site).Endpoints)
            {
                if (HealthTarget.Of(site, endpoint.Config, config.Cluster.Name) is { } target && wanted.Add(endpoint.State.Id))
                {
                    StartOrChange(endpoint.State, target);
                }
            }
        }

        foreach (OriginId gone in _rounds.Keys.Where(id => !wanted.Contains(id)))
        {
            if (_rounds.TryRemove(gone, out Round? round))
            {
                round.Stop.Cancel();
            }
        }
    }

    public void Dispose()
    {
        foreach (Round round in _rounds.Values)
        {
            round.Stop.Cancel();
        }

        _rounds.Clear();
    }

    private void StartOrChange(OriginState state, HealthTarget target)
    {
        if (_rounds.TryGetValue(state.Id, out Round? running) && running.State == state)
        {
            running.Target = target;
            return;
        }

        // An origin that went and came back has another state.
        running?.Stop.Cancel();
        var round = new Round(state, target);
        _rounds[state.Id] = round;
        round.Task = RunAsync(round);
    }

    /// <summary>Ends when it is stopped, and never throws.</summary>
    private async Task RunAsync(Round round)
    {
        CancellationToken stop = round.Stop.Token;
        var spread = new Random(round.State.Id.GetHashCode());
        try
        {
            while (true)
            {
                HealthTarget target = round.Target;
                (bool isGood, string seen) = await CheckAsync(target, stop).ConfigureAwait(false);
                stop.ThrowIfCancellationRequested();
                if (round.State.ReportCheck(isGood, seen, target.Check))
                {
                    LogChange(target, isGood, seen);
                }

                TimeSpan wait = target.Check.Interval * (1 + (IntervalSpread * ((2 * spread.NextDouble()) - 1)));
                await Task.Delay(wait, time, stop).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            LogUnexpected(error, round.Target.Site, round.Target.Origin.Url);
            round.State.ForgetChecks();
        }
    }

    private async Task<(bool IsGood, string Seen)> CheckAsync(HealthTarget target, CancellationToken stop)
    {
        await _slots.WaitAsync(stop).ConfigureAwait(false);
        try
        {
            return await check.RunAsync(target, stop).ConfigureAwait(false);
        }
        finally
        {
            _slots.Release();
        }
    }

    private void LogChange(HealthTarget target, bool isGood, string seen)
    {
        if (isGood)
        {
            LogHealthy(target.Site, target.Origin.Url, seen);
        }
        else
        {
            LogSick(target.Site, target.Origin.Url, seen);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "site {Site}: health checks find origin {Origin} works again ({Seen})")]
    private partial void LogHealthy(string site, Uri origin, string seen);

    [LoggerMessage(Level = LogLevel.Warning, Message = "site {Site}: health checks of origin {Origin} fail ({Seen}): it is passed over")]
    private partial void LogSick(string site, Uri origin, string seen);

    [LoggerMessage(Level = LogLevel.Error, Message = "site {Site}: health checks of origin {Origin} ended unexpectedly; it counts as healthy until the next config")]
    private partial void LogUnexpected(Exception error, string site, Uri origin);

    // The source has neither a timer nor a link, so that there is nothing to dispose of.
#pragma warning disable CA1001
    private sealed class Round(OriginState state, HealthTarget target)
    {
        private volatile HealthTarget _target = target;

        public OriginState State { get; } = state;

        /// <summary>From the next check on.</summary>
        public HealthTarget Target
        {
            get => _target;
            set => _target = value;
        }

        public CancellationTokenSource Stop { get; } = new();

        public Task Task { get; set; } = Task.CompletedTask;
    }
#pragma warning restore CA1001
}
