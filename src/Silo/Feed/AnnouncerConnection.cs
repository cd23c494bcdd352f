using System.Diagnostics;
using Orleans;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Contracts.Failover;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Grains;

namespace OrleansCdn.Silo.Feed;

/// <summary>
/// One announcer's feed, from its hello to its end.
/// <list type="number">
/// <item>the hello, within the silence limit</item>
/// <item>the PoP's grain takes the announcer in, or refuses it</item>
/// <item>welcome; then all directions at once: reports and words to other announcers go up, the desired state goes down, whole, and so does what
/// others say (<see cref="RelayLink"/>)</item>
/// <item>farewell: the grain is told, and the announcer too when it was the silo that ended it</item>
/// </list>
/// Whatever ends here ends no BGP session: the announcer goes on with what it has.
/// </summary>
internal sealed partial class AnnouncerConnection(
    FeedLines<AnnouncerMessage> lines,
    FeedWriter<AnnouncerOrder> writer,
    PeerIdentity identity,
    IGrainFactory grains,
    TimeProvider time,
    string silo,
    ILogger log)
{
    private AnnouncerHello _hello = null!;

    // Written by one of the loops and read by another.
    private volatile string _connection = "";
    private RelayLink _relay = null!;

    /// <param name="Reason">For the log.</param>
    /// <param name="Refusal">For the announcer; null: it has ended the connection, or is not there.</param>
    private sealed record Ending(string Reason, string? Refusal);

    private IPopRoutesGrain Pop => grains.GetGrain<IPopRoutesGrain>(_hello.Pop);

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

        _connection = connected.Connection;
        _relay = new RelayLink(grains.GetGrain<IFailoverRelayGrain>(_hello.Pop), _hello, time, log);
        Ending ending = new("cancelled", null);
        try
        {
            // :: 3
            await _relay.ConnectAsync(cancellationToken);
            await writer.WriteAsync(new AnnouncerWelcome(AnnouncerProtocol.Version, silo), cancellationToken);
            ending = await AllWaysAsync(cancellationToken);
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
        if (await ReadAsync(cancellationToken) is not { } line)
        {
            return new Ending("no hello in time", $"no hello within {FeedProtocol.SilenceLimit.TotalSeconds} s");
        }

        if (line.Message is not AnnouncerHello hello)
        {
            return line.Message is null ? Unreadable(line) : new Ending("no hello", "the first line is a hello");
        }

        _hello = hello;
        return HelloCheck.Refuse(hello, identity) is { } refusal ? new Ending("hello refused", refusal) : null;
    }

    /// <summary>Runs all loops until one ends; the others are ended, too.</summary>
    private async Task<Ending> AllWaysAsync(CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<Ending>[] loops =
        [
            GuardAsync(() => ReceiveAsync(over.Token), cancellationToken),
            GuardAsync(() => SendAsync(over.Token), cancellationToken),
            GuardAsync(() => BringAsync(over.Token), cancellationToken),
        ];
        Task<Ending> first = await Task.WhenAny(loops);
        await over.CancelAsync();
        await Task.WhenAll(loops);
        return await first;
    }

    private async Task<Ending> ReceiveAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await ReadAsync(cancellationToken) is not { } line)
            {
                return new Ending("silent", $"nothing was heard from the announcer for {FeedProtocol.SilenceLimit.TotalSeconds} s");
            }

            AnnouncerReport? report = null;
            switch (line.Message)
            {
                case AnnouncerReport reported:
                    if (ReportCheck.Refuse(reported) is { } wrong)
                    {
                        return new Ending("a report that is not one", wrong);
                    }

                    report = ReportCheck.Complete(reported);
                    if (report.Failover is { } failover)
                    {
                        await _relay.HoldsAsync(failover.OrdersVersion, cancellationToken);
                    }

                    break;
                case FailoverWord word:
                    if (WordCheck.Refuse(word, _hello) is { } untrue)
                    {
                        return new Ending("a word that is not one", untrue);
                    }

                    await _relay.SayAsync(WordCheck.Complete(word), cancellationToken);
                    break;
                case AnnouncerHeartbeat:
                    break;
                case AnnouncerHello:
                    return new Ending("a second hello", "a connection has one hello");
                default:
                    return line.Verdict == LineVerdict.End ? new Ending("ended by the announcer", null) : Unreadable(line);
            }

            await Pop.HeardAsync(new AnnouncerWord(_hello.Edge, _connection, report), cancellationToken);
        }
    }

    /// <summary>Sends the desired state, and again whenever it is another one; a heartbeat says that there is nothing new.</summary>
    private async Task<Ending> SendAsync(CancellationToken cancellationToken)
    {
        var position = new AnnouncerPosition { Edge = _hello.Edge, Connection = _connection, Stamp = "", Wait = FeedProtocol.HeartbeatInterval };
        while (true)
        {
            AnnouncerUpdate update = await Pop.NextAsync(position, cancellationToken);
            switch (update.Verdict)
            {
                case FeedVerdict.Messages:
                    if (update.Desired is { } desired)
                    {
                        await writer.WriteAsync(desired, cancellationToken);
                    }

                    await writer.WriteAsync(new AnnouncerQuiet(), cancellationToken);
                    position = position with { Stamp = update.Stamp };
                    break;
                case FeedVerdict.Superseded:
                    return new Ending("superseded", "a newer connection of this server's announcer has taken this one's place; if that was not this process, two announcers run under one name");
                case FeedVerdict.Removed:
                    return new Ending("removed", $"the config in force names no server '{_hello.Edge}' in PoP '{_hello.Pop}' any more");
                case FeedVerdict.Unknown:
                    // The grain was restarted: it learns of this announcer again, and sends what it then has.
                    PopConnected again = await Pop.ConnectAsync(_hello, cancellationToken);
                    if (again.Connection is null)
                    {
                        return new Ending("refused", again.Refusal);
                    }

                    _connection = again.Connection;
                    position = position with { Connection = again.Connection };
                    break;
                default:
                    throw new UnreachableException($"no such verdict: {update.Verdict}");
            }
        }
    }

    /// <summary>Sends what other announcers and operators say, as it comes.</summary>
    private async Task<Ending> BringAsync(CancellationToken cancellationToken)
    {
        while (await _relay.NextAsync(cancellationToken) is { } news)
        {
            await writer.WriteAsync(news, cancellationToken);
        }

        return new Ending("superseded at the relay", "a newer connection of this server's announcer has taken this one's place; if that was not this process, two announcers run under one name");
    }

    /// <summary>Null: nothing was heard within the silence limit.</summary>
    private async Task<FeedLine<AnnouncerMessage>?> ReadAsync(CancellationToken cancellationToken)
    {
        using var silence = new CancellationTokenSource(FeedProtocol.SilenceLimit, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancellationToken);
        try
        {
            return await lines.ReadAsync(both.Token);
        }
        catch (OperationCanceledException) when (silence.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return null;
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
            // A grain, or an announcer that does not read: both may be well on a new connection.
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
            await Pop.DisconnectAsync(_hello.Edge, _connection, CancellationToken.None);
        }
        catch (Exception error)
        {
            // The grain finds out by itself: nobody speaks for this connection any more.
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
        await writer.WriteAsync(new AnnouncerRefusal(ending.Refusal), cancellationToken);
    }

    private static Ending Unreadable(FeedLine<AnnouncerMessage> line) => line.Verdict switch
    {
        LineVerdict.TooLong => new Ending("a line too long", $"a line is longer than {AnnouncerProtocol.MaxAnnouncerLineBytes} bytes"),
        LineVerdict.End => new Ending("ended by the announcer", null),
        // The parser quotes its input, which must not forge lines in the log.
        _ => new Ending("garbage", $"not a message of the announcer's feed: {string.Concat((line.Error ?? "").Select(c => char.IsControl(c) ? '?' : c))}"),
    };

    [LoggerMessage(Level = LogLevel.Debug, Message = "Feed of announcer {Pop}/{Edge} ended: {Reason}")]
    private partial void LogEnded(string pop, string edge, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Feed of announcer '{Pop}/{Edge}' refused: {Refusal}")]
    private partial void LogRefused(string pop, string edge, string refusal);

    [LoggerMessage(Level = LogLevel.Error, Message = "Feed of announcer {Pop}/{Edge} failed")]
    private partial void LogFailed(string pop, string edge, Exception error);
}
