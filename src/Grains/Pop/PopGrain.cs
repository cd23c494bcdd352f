using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Grains.Events;

namespace OrleansCdn.Grains.Pop;

/// <summary>
/// Keeps <see cref="PopMembers"/> and <see cref="FeedMirror"/>, wakes those who wait for a change of either, and compares
/// itself with config, log, directory and eligibility from time to time, so that a push that was lost is made up for.
/// </summary>
internal sealed partial class PopGrain(TimeProvider time, EventOutbox events, ILogger<PopGrain> log) : Grain, IPopGrain
{
    /// <summary>Calls that wait for acknowledgements at a time; more are answered at once with what is known.</summary>
    private const int MaxAckWaiters = 1024;

    /// <summary>Messages of the log that one sync takes: more than this behind, the edges read from the log themselves.</summary>
    private const int MaxReadsPerSync = 16;

    private readonly SteadyClock _clock = new(time);
    private readonly FeedMirror _mirror = new();
    private readonly Signal _news = new();
    private readonly Signal _acks = new();
    private PopMembers _members = null!;
    private string _pop = "";
    private int _ackWaiters;
    private DateTimeOffset? _comparedAt;
    private bool _directorySyncing;
    private bool _directoryAgain;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _pop = this.GetPrimaryKeyString();
        _members = new PopMembers(_pop, _clock.Now);
        await SyncConfigAsync(cancellationToken);
        this.RegisterGrainTimer(SyncAsync, GrainLimits.SyncInterval, GrainLimits.SyncInterval);
    }

    public async Task<PopConnected> ConnectAsync(EdgeHello hello, CancellationToken cancellationToken)
    {
        if (!_members.Knows(hello.Edge))
        {
            await SyncConfigAsync(cancellationToken);
        }

        if (!_members.Knows(hello.Edge))
        {
            return new PopConnected { Refusal = Refusal(hello.Edge) };
        }

        // Before the first message: what is sent must not come from a place that this PoP stood at some time ago.
        await SyncLogAsync(cancellationToken);
        if (!_members.Knows(hello.Edge))
        {
            return new PopConnected { Refusal = Refusal(hello.Edge) };
        }

        if (_mirror.Dns is null)
        {
            await SyncDnsAsync(_mirror.Config);
        }

        _prewarms.TakeFor(hello.Edge); // of the connection before: its jobs give it out again
        string connection = Guid.NewGuid().ToString("N")[..12];
        string? older = _members.Connect(hello, connection, _clock.Now);
        if (older is not null)
        {
            LogTakenOver(_pop, hello.Edge, older, hello.Instance);
        }
        else
        {
            LogConnected(_pop, hello.Edge, hello.Instance, hello.Cursor, hello.ConfigVersion);
        }

        events.Tell(Happenings.EdgeConnected(_pop, hello.Edge, hello.Instance, older));

        _news.Raise();
        _acks.Raise();
        _ = SyncDirectoryAsync();
        _ = SyncEligibilityAsync();
        return new PopConnected { Connection = connection, LogEnd = _mirror.Purges.End };
    }

    public Task DisconnectAsync(string edge, string connection, EdgeDeparture departure, CancellationToken cancellationToken)
    {
        if (_members.Disconnect(edge, connection, departure))
        {
            LogDisconnected(_pop, edge, departure);
            events.Tell(Happenings.EdgeDisconnected(_pop, edge, departure));
            _acks.Raise();
            _ = SyncDirectoryAsync();
            _ = SyncEligibilityAsync();
        }

        return Task.CompletedTask;
    }

    public async Task<FeedUpdate> NextAsync(FeedPosition position, CancellationToken cancellationToken)
    {
        DateTimeOffset deadline = Deadline(position.Wait);
        while (true)
        {
            Task news = _news.Next;
            FeedVerdict verdict = _members.Check(position.Edge, position.Connection, _clock.Now);
            if (verdict != FeedVerdict.Messages)
            {
                return new FeedUpdate { Verdict = verdict };
            }

            MissingNews missing = _mirror.Missing(position, _members.ServesDns(position.Edge));
            if (missing.ReadLog)
            {
                missing = Add(missing, await PurgeLog.ReadAsync(missing.Next.Cursor, cancellationToken));
            }

            // Taken last: nothing between here and the answer can lose them.
            ImmutableArray<SiloMessage> messages = missing.Messages.AddRange(_questions.TakeFor(position.Edge)).AddRange(_prewarms.TakeFor(position.Edge));
            if (messages.Length > 0 || !await Waiting.ForAsync(news, deadline - _clock.Now, time, cancellationToken))
            {
                return new FeedUpdate { Verdict = FeedVerdict.Messages, Messages = messages, Next = missing.Next, LogAge = LogAge(missing.Next.Cursor) };
            }
        }
    }

    public Task ReportAsync(PopReport report, CancellationToken cancellationToken)
    {
        if (_members.Report(report, _clock.Now))
        {
            _acks.Raise();
            if (report.Condition is { Reach: not null })
            {
                _ = SyncEligibilityAsync(); // an edge that finds another one silent says so at once
            }
        }

        return Task.CompletedTask;
    }

    public async Task<PurgePopState> WaitForAsync(PurgeWait wait, CancellationToken cancellationToken)
    {
        await WaitForAcksAsync(() => _members.Awaits(wait.Cursor, _clock.Now), wait.Wait, cancellationToken);
        return _members.PurgeState(wait.Cursor, wait.Since);
    }

    private async Task WaitForAcksAsync(Func<bool> isAwaited, TimeSpan wait, CancellationToken cancellationToken)
    {
        DateTimeOffset deadline = Deadline(wait);
        bool mayWait = _ackWaiters < MaxAckWaiters;
        _ackWaiters++;
        try
        {
            Task acks = _acks.Next;
            while (mayWait && isAwaited()
                && await Waiting.ForAsync(acks, deadline - _clock.Now, time, cancellationToken))
            {
                acks = _acks.Next;
            }
        }
        finally
        {
            _ackWaiters--;
        }
    }

    public Task<PopStatus> StatusAsync(CancellationToken cancellationToken) => Task.FromResult(_members.Status());

    public async Task ConfigChangedAsync(ConfigSnapshot snapshot, CancellationToken cancellationToken)
    {
        await SyncDnsAsync(snapshot);
        Take(snapshot);
    }

    public async Task PurgesAppendedAsync(PurgePush push, CancellationToken cancellationToken)
    {
        if (_mirror.Purges.TryAppend(push.After, push.Batch))
        {
            _news.Raise();
        }
        else
        {
            await SyncLogAsync(cancellationToken);
        }
    }

    public Task PurgesAheadAsync(PurgePushAhead push, CancellationToken cancellationToken)
    {
        if (_mirror.Ahead.Offer(push, _mirror.Purges.End))
        {
            _news.Raise();
        }

        return Task.CompletedTask;
    }

    public Task PeersChangedAsync(DirectoryView view, CancellationToken cancellationToken)
    {
        if (_mirror.Offer(view))
        {
            _news.Raise();
        }

        return Task.CompletedTask;
    }

    private IPurgeLogGrain PurgeLog => GrainFactory.GetGrain<IPurgeLogGrain>(GrainKeys.Cluster);

    private async Task SyncAsync(CancellationToken cancellationToken)
    {
        foreach (string edge in _members.DropSilent(_clock.Now))
        {
            LogSilent(_pop, edge);
            events.Tell(Happenings.EdgeSilent(_pop, edge));
            _acks.Raise();
        }

        await AttemptAsync("config", () => SyncConfigAsync(cancellationToken));
        await SyncEligibilityAsync();
        await SyncDnsAsync(_mirror.Config);
        if (_members.ConnectedCount > 0)
        {
            await AttemptAsync("purge log", () => SyncLogAsync(cancellationToken));
            await SyncDirectoryAsync();
        }
    }

    private async Task SyncConfigAsync(CancellationToken cancellationToken)
    {
        IConfigGrain config = GrainFactory.GetGrain<IConfigGrain>(GrainKeys.Cluster);
        ConfigPosition position = await config.PositionAsync(cancellationToken);
        if (position.Version > 0 && (position.Epoch != _mirror.Config?.Epoch || position.Version > _mirror.Config.Version)
            && await config.CurrentAsync(cancellationToken) is { } snapshot)
        {
            Take(snapshot);
        }
    }

    private void Take(ConfigSnapshot snapshot)
    {
        if (_mirror.Offer(snapshot))
        {
            _members.Configure(_mirror.FindPop(_pop));
            _news.Raise();
            _acks.Raise();
        }
    }

    private async Task SyncLogAsync(CancellationToken cancellationToken)
    {
        for (int reads = 0; reads < MaxReadsPerSync; reads++)
        {
            DateTimeOffset asked = _clock.Now;
            PurgeCursor after = _mirror.Purges.End;
            PurgeRead read = await PurgeLog.SyncAsync(_pop, after, cancellationToken);
            if (read.Gap)
            {
                _mirror.Purges.Restart(read.Through);
            }
            else if (!_mirror.Purges.TryAppend(after, new PurgeBatch { Through = read.Through, Entries = read.Entries }))
            {
                continue;
            }

            if (read.Gap || read.Entries.Length > 0)
            {
                _news.Raise();
            }

            if (read.Through == read.End)
            {
                _comparedAt = asked;
                return;
            }
        }

        // Too far behind to catch up entry by entry: the edges read older ones from the log.
        _mirror.Purges.Restart(await PurgeLog.EndAsync(cancellationToken));
        _news.Raise();
    }

    /// <summary>One call at a time, and one more when something changed meanwhile. Does not throw.</summary>
    private async Task SyncDirectoryAsync()
    {
        _directoryAgain = true;
        if (_directorySyncing)
        {
            return;
        }

        _directorySyncing = true;
        try
        {
            while (_directoryAgain)
            {
                _directoryAgain = false;
                await AttemptAsync("directory", async () =>
                {
                    IDirectoryGrain directory = GrainFactory.GetGrain<IDirectoryGrain>(GrainKeys.Cluster);
                    if (_mirror.Offer(await directory.SyncAsync(_members.Peers(), CancellationToken.None)))
                    {
                        _news.Raise();
                    }
                });
            }
        }
        finally
        {
            _directorySyncing = false;
        }
    }

    private async Task AttemptAsync(string with, Func<Task> sync)
    {
        try
        {
            await sync();
        }
        catch (Exception error)
        {
            LogSyncFailed(_pop, with, error);
        }
    }

    internal static MissingNews Add(MissingNews missing, PurgeRead read)
    {
        if (!read.Gap && read.Entries.IsEmpty)
        {
            return missing;
        }

        SiloMessage message = read.Gap
            ? new PurgeGap(read.Through)
            : new PurgeBatch { Through = read.Through, Entries = read.Entries };
        return missing with { Messages = missing.Messages.Add(message), Next = missing.Next with { Cursor = read.Through } };
    }

    /// <summary>How long ago this PoP knew the whole log, for an edge that has all that it knows; null: it has not.</summary>
    private TimeSpan? LogAge(PurgeCursor edge) =>
        _comparedAt is { } compared && edge.Epoch.Length > 0 && edge == _mirror.Purges.End ? _clock.Now - compared : null;

    private DateTimeOffset Deadline(TimeSpan wait) => _clock.Now + (wait < GrainLimits.MaxWait ? wait : GrainLimits.MaxWait);

    private string Refusal(string edge)
    {
        if (_mirror.Config is not { } config)
        {
            return "no config is in force yet: apply one with 'cdn apply FILE'";
        }

        return _mirror.FindPop(_pop) is { } pop
            ? $"edge '{edge}' is not in PoP '{_pop}' of config version {config.Version}, which has {QuotedNames.Of(pop.Edges.Select(e => e.Name))}: start the edge with one of these names, or add it to the config"
            : $"PoP '{_pop}' is not in config version {config.Version}, which has {QuotedNames.Of(config.Config.Pops.Select(p => p.Id))}: start the edge with one of these, or add the PoP to the config";
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Edge {Pop}/{Edge} connected (instance {Instance}, cursor {Cursor}, config {ConfigVersion})")]
    private partial void LogConnected(string pop, string edge, string instance, PurgeCursor cursor, long configVersion);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Edge {Pop}/{Edge}: a connection of instance {Older} ends, because instance {Newer} has connected")]
    private partial void LogTakenOver(string pop, string edge, string older, string newer);

    [LoggerMessage(Level = LogLevel.Information, Message = "Edge {Pop}/{Edge} disconnected ({Departure})")]
    private partial void LogDisconnected(string pop, string edge, EdgeDeparture departure);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Edge {Pop}/{Edge} is given up: no silo speaks for it any more")]
    private partial void LogSilent(string pop, string edge);

    [LoggerMessage(Level = LogLevel.Warning, Message = "PoP {Pop} could not compare itself with the {With}; it tries again")]
    private partial void LogSyncFailed(string pop, string with, Exception error);
}
