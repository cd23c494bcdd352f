using System.Collections.Immutable;
using OrleansCdn.Announcer.Failover;
using OrleansCdn.Contracts.Failover;
using OrleansCdn.Failover;

namespace OrleansCdn.Announcer.Health;

/// <summary>
/// The eyes of the process: it beats four times a second and asks the local edge once. It waits for nothing else, reads no file and takes no
/// lock that others hold for long, so that when it stands still something is truly wrong.
/// </summary>
internal sealed partial class HealthLoop(Pulse pulse, EdgeProbe? probe, FailoverInbox inbox, TimeProvider time, ILogger logger) : BackgroundService
{
    /// <summary>
    /// A third of the shortest hold time (RFC 4271 §4.2: 3 s) is a second: sessions that look each second must never find the last beat to be
    /// as old as that while all is well.
    /// </summary>
    public static readonly TimeSpan BeatInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>A failure is to be known within seconds.</summary>
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromSeconds(1);

    private const string Check = "http";

    /// <summary>Of a server that needs no proof.</summary>
    private static readonly HealthRound Unasked = new() { Checks = [], Hard = null };

    private Task<ProbeOutcome>? _asking;
    private long? _askedAt;
    private HealthCheckStatus? _last;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(BeatInterval, time);
        try
        {
            do
            {
                pulse.Beat();
                await ProbeAsync(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // The process stops.
        }
    }

    /// <summary>One question at a time; a slow answer is looked at with a later beat.</summary>
    private async ValueTask ProbeAsync(CancellationToken stoppingToken)
    {
        if (probe is null)
        {
            inbox.Post(Unasked); // As if each had been answered, and at once.
            return;
        }

        if (_asking is { IsCompleted: true })
        {
            ProbeOutcome outcome = await _asking;
            _asking = null;
            Log(outcome.Failure);
            inbox.Post(Round(outcome.Failure));
        }

        if (_asking is null && (_askedAt is not { } last || time.GetElapsedTime(last) >= ProbeInterval))
        {
            _askedAt = time.GetTimestamp();
            _asking = probe.AskAsync(stoppingToken);
        }
    }

    private HealthRound Round(string? failure)
    {
        bool isOk = failure is null;
        _last = new HealthCheckStatus(Check, IsHard: true, isOk, failure ?? "answered", _last?.IsOk == isOk ? _last.Since : time.GetUtcNow());
        return new HealthRound { Checks = [_last], Hard = isOk ? null : new CheckFailure(Check, failure!) };
    }

    private void Log(string? failure)
    {
        if (failure is not null && _last is null or { IsOk: true })
        {
            LogFailing(failure!);
        }
        else if (failure is null && _last is { IsOk: false })
        {
            LogBack();
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "the local edge does not answer its probe: {Failure}")]
    private partial void LogFailing(string failure);

    [LoggerMessage(Level = LogLevel.Information, Message = "the local edge answers its probe again")]
    private partial void LogBack();
}
