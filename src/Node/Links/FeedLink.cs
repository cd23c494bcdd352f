using System.Collections.Immutable;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace OrleansCdn.Node.Links;

/// <summary>
/// Keeps one feed connection to a silo of the list for as long as the process runs: own PoP's silo first (the list's
/// order), the next one after each failure. What the process does for others never waits for it.
/// </summary>
public abstract partial class FeedLink(ImmutableArray<Uri> silos, FeedStatusBoard board, TimeProvider time, Random random, ILogger logger) : BackgroundService
{
    /// <summary>A connection that held this long has proved itself: then the first silo of the list is tried again, at once.</summary>
    public static readonly TimeSpan StableAfter = Backoff.Longest;

    private readonly Backoff _backoff = new(random);
    private long? _welcomedAt;

    /// <summary>Of this start of the process.</summary>
    protected string Instance { get; } = Convert.ToHexStringLower(Bytes(random));

    /// <summary>One connection from its first byte to its end. A silo that takes this process is told of by <see cref="OnWelcome"/>.</summary>
    protected abstract Task<FeedEnd> ConnectAsync(Uri silo, CancellationToken stoppingToken);

    /// <summary>An attempt has ended without a welcome.</summary>
    protected virtual void OnFailed()
    {
    }

    protected void OnWelcome(Uri silo)
    {
        _welcomedAt = time.GetTimestamp();
        board.Current = new FeedStatus(FeedState.Connected, silo, time.GetUtcNow(), board.Current.LastEnd);
        LogConnected(silo);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        int next = 0;
        while (!stoppingToken.IsCancellationRequested)
        {
            Uri silo = silos[next];
            _welcomedAt = null;
            FeedEnd end = await GuardAsync(silo, stoppingToken);
            bool stable = _welcomedAt is { } since && time.GetElapsedTime(since) >= StableAfter;
            Record(silo, end);
            if (_welcomedAt is null)
            {
                OnFailed();
            }

            if (end.Reason == FeedEndReason.AddressesChanged)
            {
                continue; // same silo, no wait: nothing has failed
            }

            if (stable)
            {
                _backoff.Reset();
            }

            next = stable ? 0 : (next + 1) % silos.Length;
            await Task.Delay(_backoff.Next(), time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<FeedEnd> GuardAsync(Uri silo, CancellationToken stoppingToken)
    {
        try
        {
            return await ConnectAsync(silo, stoppingToken);
        }
        catch (Exception e)
        {
            // A bug here costs a connection, not the loop and not what the process does for others.
            LogFault(silo, e);
            return new FeedEnd(FeedEndReason.Closed, $"unexpected {e.GetType().Name}");
        }
    }

    /// <summary>Logs transitions only: a silo that stays away is one line, unless the reason changes.</summary>
    private void Record(Uri silo, FeedEnd end)
    {
        FeedStatus before = board.Current;
        if (before.State == FeedState.Connected)
        {
            board.Current = new FeedStatus(FeedState.Disconnected, null, time.GetUtcNow(), end);
            if (end.Reason is FeedEndReason.Stopping or FeedEndReason.AddressesChanged)
            {
                LogLeft(silo, end.Detail);
            }
            else
            {
                LogDisconnected(silo, end.Reason, end.Detail);
            }
        }
        else
        {
            board.Current = before with { LastEnd = end };
            if (before.LastEnd != end && end.Reason != FeedEndReason.Stopping)
            {
                LogAttemptFailed(silo, end.Reason, end.Detail);
            }
        }
    }

    private static byte[] Bytes(Random random)
    {
        byte[] bytes = new byte[8];
        random.NextBytes(bytes);
        return bytes;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "connected to {Silo}")]
    private partial void LogConnected(Uri silo);

    [LoggerMessage(Level = LogLevel.Information, Message = "left {Silo}: {Detail}")]
    private partial void LogLeft(Uri silo, string detail);

    [LoggerMessage(Level = LogLevel.Warning, Message = "lost {Silo} ({Reason}): {Detail}. What is known stays in force; the next silo is tried")]
    private partial void LogDisconnected(Uri silo, FeedEndReason reason, string detail);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Silo} does not serve ({Reason}): {Detail}. It is tried again until it does")]
    private partial void LogAttemptFailed(Uri silo, FeedEndReason reason, string detail);

    [LoggerMessage(Level = LogLevel.Error, Message = "an unexpected error on the connection to {Silo}; it is made anew")]
    private partial void LogFault(Uri silo, Exception exception);
}
