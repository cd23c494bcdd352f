using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Contracts.Failover;
using OrleansCdn.Grains.Events;

namespace OrleansCdn.Grains.Failover;

/// <summary>
/// A shell around <see cref="RelayBoard"/>. Each other PoP's relay has one call in flight, whose answer is waited for a moment only: a slow or
/// dead one delays nobody but itself, and relays that call each other wait for nothing that the other one waits for.
/// </summary>
internal sealed partial class FailoverRelayGrain : Grain, IFailoverRelayGrain
{
    /// <summary>Nothing that is brought later is of use: see <see cref="RelayMailbox.MaxViewAge"/>.</summary>
    private static readonly TimeSpan PushPatience = RelayMailbox.MaxViewAge;

    private readonly TimeProvider _time;
    private readonly SteadyClock _clock;
    private readonly ILogger<FailoverRelayGrain> _log;
    private readonly PushGroup _others;
    private readonly HashSet<string> _unreached = [];
    private readonly Dictionary<string, Listener> _listeners = [];
    private RelayBoard _board = null!;
    private readonly EventOutbox _events;
    private FailoverOrders _orders = FailoverOrders.None;
    private long _observed;
    private ConfigPosition? _config;
    private string _pop = "";
    private bool _hasFailed;

    /// <summary>The connection of one server's announcer.</summary>
    private sealed class Listener
    {
        public string? Connection { get; set; }

        public Signal News { get; } = new();

        /// <summary>It is being asked whether its cache is warm.</summary>
        public bool IsWarming { get; set; }

        public NoteBudget Notes { get; } = new();

        /// <summary>Its warm-up that is done, until it was told; null: none.</summary>
        public long? Warmed { get; set; }
    }

    public FailoverRelayGrain(TimeProvider time, EventOutbox events, ILogger<FailoverRelayGrain> log)
    {
        (_time, _events, _log) = (time, events, log);
        _clock = new SteadyClock(time);
        _others = new PushGroup(PushAsync, time);
    }

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _pop = this.GetPrimaryKeyString();
        _board = new RelayBoard(_pop);
        await SyncConfigAsync(cancellationToken);
        this.RegisterGrainTimer(SyncAsync, TimeSpan.Zero, GrainLimits.SyncInterval);
    }

    public async Task<bool> ConnectAsync(RelayWord hello, CancellationToken cancellationToken)
    {
        if (!_board.Knows(hello.Server))
        {
            await SyncConfigAsync(cancellationToken);
        }

        if (!_listeners.TryGetValue(hello.Server, out Listener? listener))
        {
            return false;
        }

        listener.Connection = hello.Connection;
        Observe(hello.OrdersVersion);

        // Whoever waits for an older connection learns that it is over.
        listener.News.Raise();
        return true;
    }

    public Task<FeedVerdict> HeardAsync(RelayWord word, CancellationToken cancellationToken)
    {
        FeedVerdict verdict = Check(word.Server, word.Connection);
        if (verdict == FeedVerdict.Messages)
        {
            Observe(word.OrdersVersion);
        }

        if (verdict == FeedVerdict.Messages && word.Word is { } said)
        {
            Wake(_board.Take(said, _clock.Now));
            Note(word.Server, said.Notes);
            _ = TellSightAsync(always: false);
            foreach (string other in _board.OtherPops)
            {
                _others.Join(other);
            }

            _others.Notify();
            if (said.WarmUp is { } id)
            {
                _ = WarmUpAsync(word.Server, id);
            }
        }

        return Task.FromResult(verdict);
    }

    public async Task<RelayUpdate> NextAsync(RelayPosition position, CancellationToken cancellationToken)
    {
        DateTimeOffset deadline = _clock.Now + (position.Wait < GrainLimits.MaxWait ? position.Wait : GrainLimits.MaxWait);
        _board.ForServer(position.Server)?.Drop(position.Taken);
        while (true)
        {
            FeedVerdict verdict = Check(position.Server, position.Connection);
            if (verdict != FeedVerdict.Messages || _board.ForServer(position.Server) is not { } mailbox)
            {
                return new RelayUpdate { Verdict = verdict };
            }

            Listener listener = _listeners[position.Server];
            Task next = listener.News.Next;
            if (News(mailbox.Peek(_clock.Now), position, listener) is { } news)
            {
                return new RelayUpdate { Verdict = FeedVerdict.Messages, News = news, Taken = mailbox.Last };
            }

            if (!await Waiting.ForAsync(next, deadline - _clock.Now, _time, cancellationToken))
            {
                return new RelayUpdate { Verdict = FeedVerdict.Messages, Taken = position.Taken };
            }
        }
    }

    public Task TakeAsync(RelayParcel parcel, CancellationToken cancellationToken)
    {
        Wake(_board.Take(parcel, _clock.Now));
        return Task.CompletedTask;
    }

    public Task OrderAsync(FailoverOrders orders, CancellationToken cancellationToken)
    {
        Take(orders);
        return Task.CompletedTask;
    }

    /// <summary>Null: there are none.</summary>
    private FailoverNews? News(RelayParcel? waiting, RelayPosition position, Listener listener)
    {
        FailoverOrders? orders = _orders.Version > position.OrdersVersion ? _orders : null;
        long? warmed = listener.Warmed;
        listener.Warmed = null;
        return waiting is null && orders is null && warmed is null ? null : new FailoverNews
        {
            Views = [.. (waiting?.Views ?? []).Select(view => view.View)],
            Questions = [.. (waiting?.Questions ?? []).Select(question => question.Question.Request)],
            Replies = [.. (waiting?.Replies ?? []).Select(reply => reply.Reply.Answer)],
            Orders = orders,
            Warmed = warmed,
        };
    }

    /// <summary>A number that no database can have counted to is none, and hides no other.</summary>
    private void Observe(long ordersVersion) => _observed = Math.Max(_observed, RisingNumber.Least(ordersVersion, _time.GetUtcNow()));

    /// <summary>Older orders never replace newer ones (I8).</summary>
    private void Take(FailoverOrders orders)
    {
        if (orders.Version > _orders.Version)
        {
            _orders = orders;
            Wake(_listeners.Keys);
        }
    }

    private FeedVerdict Check(string server, string connection) => _listeners.GetValueOrDefault(server) switch
    {
        null => FeedVerdict.Removed,
        { Connection: null } => FeedVerdict.Unknown,
        { Connection: var current } => current == connection ? FeedVerdict.Messages : FeedVerdict.Superseded,
    };

    private void Wake(IEnumerable<string> servers)
    {
        foreach (string server in servers)
        {
            _listeners[server].News.Raise();
        }
    }

    private async Task SyncAsync(CancellationToken cancellationToken)
    {
        try
        {
            await SyncConfigAsync(cancellationToken);
            Take(await GrainFactory.GetGrain<IDrainGrain>(_pop).OrdersAsync(Math.Max(_observed, _orders.Version), cancellationToken));
            await TellSightAsync(always: true);
            _hasFailed = false;
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            if (!_hasFailed)
            {
                LogSyncFailed(_pop, error);
            }

            _hasFailed = true;
        }
    }

    private async Task SyncConfigAsync(CancellationToken cancellationToken)
    {
        IConfigGrain config = GrainFactory.GetGrain<IConfigGrain>(GrainKeys.Cluster);
        ConfigPosition position = await config.PositionAsync(cancellationToken);
        if (position.Version > 0 && position != _config && await config.CurrentAsync(cancellationToken) is { } snapshot)
        {
            Configure(snapshot.Config);
            _config = new ConfigPosition(snapshot.Epoch, snapshot.Version);
        }
    }

    private void Configure(CdnConfig config)
    {
        ImmutableArray<string> servers = [.. (config.FindPop(_pop)?.Edges ?? []).Select(edge => edge.Name)];
        _board.Configure(FailoverPlanner.Of(config), servers);
        foreach (string gone in _listeners.Keys.Except(servers).ToList())
        {
            _listeners[gone].News.Raise();
            _listeners.Remove(gone);
        }

        foreach (string server in servers)
        {
            _listeners.TryAdd(server, new Listener());
        }
    }

    /// <summary>Does not throw.</summary>
    private async Task PushAsync(string other)
    {
        if (_board.ForPop(other) is not { } mailbox || mailbox.Peek(_clock.Now) is not { } parcel)
        {
            return;
        }

        long last = mailbox.Last;
        try
        {
            await GrainFactory.GetGrain<IFailoverRelayGrain>(other).TakeAsync(parcel, CancellationToken.None).WaitAsync(PushPatience, _time);
            mailbox.Drop(last);
            if (_unreached.Remove(other))
            {
                LogReached(_pop, other);
            }
        }
        catch (Exception error)
        {
            // Kept, and brought with what is said next: announcers say something every second.
            if (_unreached.Add(other))
            {
                LogUnreached(_pop, other, error);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "What announcers of PoP {Pop} say does not reach those of PoP {Other}; it is tried again with each word")]
    private partial void LogUnreached(string pop, string other, Exception error);

    [LoggerMessage(Level = LogLevel.Information, Message = "What announcers of PoP {Pop} say reaches those of PoP {Other} again")]
    private partial void LogReached(string pop, string other);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The relay of PoP {Pop} could not compare itself with config and orders; it tries again, and carries on with what it has")]
    private partial void LogSyncFailed(string pop, Exception error);
}
