using System.Diagnostics;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Contracts.Failover;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Grains;

namespace OrleansCdn.Silo.Feed;

/// <summary>
/// One announcer's connection to the relay of its PoP. A relay that is slow or out of reach takes nothing else of the feed with it: words that
/// find no way are dropped, since who said them says them again.
/// </summary>
internal sealed partial class RelayLink(IFailoverRelayGrain relay, AnnouncerHello hello, TimeProvider time, ILogger log)
{
    /// <summary>Below the time that a request for pledges has, so that what is asked again still comes in time.</summary>
    private static readonly TimeSpan Patience = FailoverPolicy.Default.FreshFor;

    /// <summary>The pace of words.</summary>
    private static readonly TimeSpan RetryAfter = FailoverPolicy.Default.TellEvery;

    // Its own name: the PoP's grain may be restarted, and give the feed another one, without the relay.
    private readonly string _connection = Guid.NewGuid().ToString("N")[..12];

    private long _taken;
    private long _ordersSent;
    private long _ordersHeld;
    private int _hasFailed;

    /// <summary>Takes the place of an older connection, if the relay can be reached; else that is made up for.</summary>
    public async Task ConnectAsync(CancellationToken cancellationToken)
    {
        try
        {
            await relay.ConnectAsync(Word(null), cancellationToken).WaitAsync(Patience, time, cancellationToken);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            Failed(error);
        }
    }

    /// <summary>Passes on what the announcer said, if that is possible in time.</summary>
    /// <param name="word">For the others.</param>
    /// <param name="cancellationToken">The connection is over.</param>
    public Task SayAsync(FailoverWord word, CancellationToken cancellationToken) => SayAsync(Word(word), cancellationToken);

    /// <summary>Passes on which orders it has, when these are others than it said last.</summary>
    /// <param name="version">Of the operator's orders.</param>
    /// <param name="cancellationToken">The connection is over.</param>
    public async Task HoldsAsync(long version, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _ordersHeld, version) != version)
        {
            await SayAsync(Word(null), cancellationToken);
        }
    }

    private async Task SayAsync(RelayWord said, CancellationToken cancellationToken)
    {
        try
        {
            if (await relay.HeardAsync(said, cancellationToken).WaitAsync(Patience, time, cancellationToken) == FeedVerdict.Unknown
                && await relay.ConnectAsync(Word(null), cancellationToken).WaitAsync(Patience, time, cancellationToken))
            {
                await relay.HeardAsync(said, cancellationToken).WaitAsync(Patience, time, cancellationToken);
            }
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            Failed(error);
        }
    }

    /// <summary>Waits for what others say.</summary>
    /// <returns>Null: a newer connection has taken this one's place.</returns>
    public async Task<FailoverNews?> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                RelayUpdate update = await relay.NextAsync(Position(), cancellationToken);
                _hasFailed = 0;
                switch (update.Verdict)
                {
                    case FeedVerdict.Messages:
                        _taken = update.Taken;
                        if (update.News is { } news)
                        {
                            _ordersSent = news.Orders?.Version ?? _ordersSent;
                            return news;
                        }

                        continue;
                    case FeedVerdict.Superseded:
                        return null;
                    case FeedVerdict.Unknown:
                        // It was restarted, and counts anew.
                        _taken = 0;
                        if (await relay.ConnectAsync(Word(null), cancellationToken))
                        {
                            continue;
                        }

                        break;
                    case FeedVerdict.Removed:
                        // Of a server that is gone from the config the feed itself ends; of one that is new the relay learns in a moment.
                        break;
                    default:
                        throw new UnreachableException($"no such verdict: {update.Verdict}");
                }
            }
            catch (Exception error) when (!cancellationToken.IsCancellationRequested)
            {
                Failed(error);
            }

            await Task.Delay(RetryAfter, time, cancellationToken);
        }
    }

    private RelayWord Word(FailoverWord? word) => new(hello.Edge, _connection, word, Interlocked.Read(ref _ordersHeld));

    private RelayPosition Position() =>
        new() { Server = hello.Edge, Connection = _connection, Taken = _taken, OrdersVersion = _ordersSent, Wait = FeedProtocol.HeartbeatInterval };

    private void Failed(Exception error)
    {
        if (Interlocked.Exchange(ref _hasFailed, 1) == 0)
        {
            LogFailed(hello.Pop, hello.Edge, error);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The relay of PoP {Pop} is out of reach for announcer {Edge}; it is tried again, and what is said meanwhile is lost")]
    private partial void LogFailed(string pop, string edge, Exception error);
}
