using System.Diagnostics;
using Orleans;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Grains;

namespace OrleansCdn.Silo.Feed;

/// <summary>
/// One edge's feed, from its hello to its end.
/// <list type="number">
/// <item>the hello, within the silence limit</item>
/// <item>the PoP's grain takes the edge in, or refuses it</item>
/// <item>welcome; then both directions at once: reports go up, what the edge lacks goes down</item>
/// <item>farewell: the PoP is told, and the edge too when it was the silo that ended it</item>
/// </list>
/// </summary>
internal sealed partial class FeedConnection(
    FeedLines<EdgeMessage> lines, FeedWriter<SiloMessage> writer, PeerIdentity identity, IGrainFactory grains, TimeProvider time, string silo, ILogger log)
{
    private EdgeHello _hello = null!;

    // Both are written by one of the two loops and read by the other.
    private volatile string _connection = "";
    private volatile EdgePlace _place = null!;
    private EdgeDeparture _departure = EdgeDeparture.Lost;

    /// <summary>What the edge has to have applied until it has missed nothing; null: its PoP does not tell.</summary>
    private PurgeCursor? _logEnd;

    /// <summary>Where the edge says that it stands.</summary>
    private sealed record EdgePlace(long ConfigVersion, PurgeCursor Cursor, long? Eligibility);

    /// <summary>Why a connection ends.</summary>
    /// <param name="Reason">For the log.</param>
    /// <param name="Refusal">For the edge; null: it has ended the connection, or is not there.</param>
    private sealed record Ending(string Reason, string? Refusal);

    private IPopGrain Pop => grains.GetGrain<IPopGrain>(_hello.Pop);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        // :: 1
        if (await ReadHelloAsync(cancellationToken) is { } noHello)
        {
            await FarewellAsync("", "", noHello, cancellationToken);
            return;
        }

        // :: 2
        PopConnected connected = await Pop.ConnectAsync(_hello, cancellationToken);
        if (connected.Connection is null)
        {
            await FarewellAsync(_hello.Pop, _hello.Edge, new Ending("refused", connected.Refusal), cancellationToken);
            return;
        }

        (_connection, _place, _logEnd) = (connected.Connection, new EdgePlace(_hello.ConfigVersion, _hello.Cursor, _hello.Eligibility), connected.LogEnd);
        Ending ending = new("cancelled", null);
        try
        {
            // :: 3
            await writer.WriteAsync(new SiloWelcome { Protocol = FeedProtocol.Version, Silo = silo }, cancellationToken);
            ending = await BothWaysAsync(cancellationToken);
        }
        finally
        {
            // :: 4
            await DisconnectAsync();
        }

        await FarewellAsync(_hello.Pop, _hello.Edge, ending, cancellationToken);
    }

    private async Task<Ending?> ReadHelloAsync(CancellationToken cancellationToken)
    {
        using var silence = new CancellationTokenSource(FeedProtocol.SilenceLimit, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancellationToken);
        try
        {
            FeedLine<EdgeMessage> line = await lines.ReadAsync(both.Token);
            if (line.Message is not EdgeHello hello)
            {
                return line.Message is null ? Unreadable(line) : new Ending("no hello", "the first line is a hello");
            }

            _hello = hello;
            return HelloCheck.Refuse(hello, identity) is { } refusal ? new Ending("hello refused", refusal) : null;
        }
        catch (OperationCanceledException) when (silence.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return new Ending("no hello in time", $"no hello within {FeedProtocol.SilenceLimit.TotalSeconds} s");
        }
    }

    /// <summary>Runs both loops until one ends; the other is ended, too.</summary>
    private async Task<Ending> BothWaysAsync(CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<Ending> receiving = GuardAsync(() => ReceiveAsync(over.Token), cancellationToken);
        Task<Ending> sending = GuardAsync(() => SendAsync(over.Token), cancellationToken);
        Task<Ending> first = await Task.WhenAny(receiving, sending);
        await over.CancelAsync();
        await Task.WhenAll(receiving, sending);
        return await first;
    }

    private async Task<Ending> ReceiveAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            FeedLine<EdgeMessage> line;
            using (var silence = new CancellationTokenSource(FeedProtocol.SilenceLimit, time))
            using (var both = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancellationToken))
            {
                try
                {
                    line = await lines.ReadAsync(both.Token);
                }
                catch (OperationCanceledException) when (silence.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
                {
                    return new Ending("silent", $"nothing was heard from the edge for {FeedProtocol.SilenceLimit.TotalSeconds} s");
                }
            }

            PopReport report = Report(_place);
            switch (line.Message)
            {
                case EdgeHeartbeat heartbeat:
                    report = report with
                    {
                        Cursor = heartbeat.Cursor,
                        ConfigVersion = heartbeat.ConfigVersion,
                        Eligibility = heartbeat.Eligibility,
                        Counters = heartbeat.Counters,
                        Condition = heartbeat.Condition,
                        Dns = heartbeat.Dns,
                    };
                    break;
                case EdgeAnswer answer:
                    await Pop.AnsweredAsync(new PopAnswer(_hello.Edge, _connection, answer), cancellationToken);
                    continue;
                case EdgePopularity popularity:
                    await Pop.PopularAsync(new PopPopularity(_hello.Pop, _hello.Edge, _connection, popularity), cancellationToken);
                    continue;
                case EdgePrewarmed prewarmed:
                    // Of a job only when somebody gave this edge its id: others are not looked up.
                    if (Guid.TryParseExact(prewarmed.Job, "N", out _) && !prewarmed.Results.IsDefaultOrEmpty)
                    {
                        await grains.GetGrain<IPrewarmJobGrain>(prewarmed.Job).ReportAsync(new PrewarmEdge(_hello.Pop, _hello.Edge), prewarmed, cancellationToken);
                    }

                    continue;
                case EdgeAck ack:
                    report = report with { Cursor = ack.Cursor };
                    break;
                case EdgeLeaving:
                    _departure = EdgeDeparture.Left;
                    continue;
                case EdgeHello:
                    return new Ending("a second hello", "a connection has one hello");
                default:
                    return line.Verdict == LineVerdict.End ? new Ending("ended by the edge", null) : Unreadable(line);
            }

            _place = new EdgePlace(report.ConfigVersion ?? _place.ConfigVersion, report.Cursor, report.Eligibility ?? _place.Eligibility);
            await Pop.ReportAsync(report, cancellationToken);
        }
    }

    /// <summary>
    /// Sends what the edge lacks, then what is new. A heartbeat says that nothing is left to be told for now: the first follows
    /// as soon as the edge has been sent all that it lacked when it came, also while new purges keep coming. Later ones come between them,
    /// whenever the edge has all that its PoP knows: by their <see cref="SiloHeartbeat.LogAgeSeconds"/> it knows that it misses no purge.
    /// </summary>
    private async Task<Ending> SendAsync(CancellationToken cancellationToken)
    {
        bool isCaughtUp = false;
        long beat = time.GetTimestamp();
        FeedPosition position = Start(_hello.ConfigEpoch ?? "") with { Wait = TimeSpan.Zero };
        while (true)
        {
            FeedUpdate update = await Pop.NextAsync(position, cancellationToken);
            switch (update.Verdict)
            {
                case FeedVerdict.Messages:
                    foreach (SiloMessage message in update.Messages)
                    {
                        await writer.WriteAsync(message, cancellationToken);
                    }

                    bool hasItAll = !isCaughtUp && _logEnd is { } end && update.Next!.Cursor.Covers(end);
                    bool isDue = update.LogAge is not null && time.GetElapsedTime(beat) >= FeedProtocol.HeartbeatInterval;
                    if (update.Messages.IsEmpty || hasItAll || isDue)
                    {
                        await writer.WriteAsync(new SiloHeartbeat { LogAgeSeconds = update.LogAge?.TotalSeconds }, cancellationToken);
                        (isCaughtUp, beat) = (true, time.GetTimestamp());
                    }

                    position = update.Next! with { Wait = isCaughtUp ? FeedProtocol.HeartbeatInterval : TimeSpan.Zero };
                    break;
                case FeedVerdict.Superseded:
                    return new Ending("superseded", "a newer connection of this edge has taken this one's place; if that was not this process, two edges run under one name");
                case FeedVerdict.Removed:
                    return new Ending("removed", $"the config in force names no edge '{_hello.Edge}' in PoP '{_hello.Pop}' any more");
                case FeedVerdict.Unknown:
                    // The PoP's grain was restarted: it learns of this edge again, and the feed goes on where it was.
                    EdgePlace place = _place;
                    PopConnected again = await Pop.ConnectAsync(
                        _hello with { ConfigVersion = place.ConfigVersion, Cursor = place.Cursor, Eligibility = place.Eligibility }, cancellationToken);
                    if (again.Connection is null)
                    {
                        return new Ending("refused", again.Refusal);
                    }

                    _connection = again.Connection;
                    position = position with { Connection = again.Connection, PeersVersion = "", Ahead = _hello.TakesAhead ? 0 : null };
                    break;
                default:
                    throw new UnreachableException($"no such verdict: {update.Verdict}");
            }
        }
    }

    private async Task<Ending> GuardAsync(Func<Task<Ending>> loop, CancellationToken cancellationToken)
    {
        try
        {
            return await loop();
        }
        catch (OperationCanceledException)
        {
            return cancellationToken.IsCancellationRequested ? new Ending("closed", null) : new Ending("the other direction has ended", null);
        }
        catch (IOException error)
        {
            return new Ending(error.Message, null);
        }
        catch (TimeoutException error)
        {
            // A grain, or an edge that does not read: both may be well on a new connection.
            return new Ending(error.Message, $"{error.Message}: connect again");
        }
        catch (Exception error)
        {
            LogFailed(_hello.Pop, _hello.Edge, error);
            return new Ending("failed", "the silo failed to serve this feed: connect again; its log says why");
        }
    }

    private async Task DisconnectAsync()
    {
        try
        {
            await Pop.DisconnectAsync(_hello.Edge, _connection, _departure, CancellationToken.None);
        }
        catch (Exception error)
        {
            // The PoP finds out by itself: nobody speaks for this connection any more.
            LogFailed(_hello.Pop, _hello.Edge, error);
        }
    }

    private async Task FarewellAsync(string pop, string edge, Ending ending, CancellationToken cancellationToken)
    {
        if (ending.Refusal is null)
        {
            LogEnded(pop, edge, ending.Reason);
            return;
        }

        LogRefused(pop, edge, ending.Refusal);
        await writer.WriteAsync(new SiloRefusal(ending.Refusal), cancellationToken);
    }

    private FeedPosition Start(string configEpoch) => new()
    {
        Edge = _hello.Edge,
        Connection = _connection,
        ConfigEpoch = configEpoch,
        ConfigVersion = _hello.ConfigVersion,
        Cursor = _hello.Cursor,
        PeersVersion = "",
        Ahead = _hello.TakesAhead ? 0 : null,
        Eligibility = _hello.Eligibility,
        Dns = _hello.Dns,
        Wait = FeedProtocol.HeartbeatInterval,
    };

    private PopReport Report(EdgePlace place) => new() { Edge = _hello.Edge, Connection = _connection, Cursor = place.Cursor };

    private static Ending Unreadable(FeedLine<EdgeMessage> line) => line.Verdict switch
    {
        LineVerdict.TooLong => new Ending("a line too long", $"a line is longer than {FeedProtocol.MaxEdgeLineBytes} bytes"),
        LineVerdict.End => new Ending("ended by the edge", null),
        // The parser quotes its input, which must not forge lines in the log.
        _ => new Ending("garbage", $"not a message of the feed protocol: {string.Concat((line.Error ?? "").Select(c => char.IsControl(c) ? '?' : c))}"),
    };

    [LoggerMessage(Level = LogLevel.Debug, Message = "Feed of {Pop}/{Edge} ended: {Reason}")]
    private partial void LogEnded(string pop, string edge, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Feed of '{Pop}/{Edge}' refused: {Refusal}")]
    private partial void LogRefused(string pop, string edge, string refusal);

    [LoggerMessage(Level = LogLevel.Error, Message = "Feed of {Pop}/{Edge} failed")]
    private partial void LogFailed(string pop, string edge, Exception error);
}
