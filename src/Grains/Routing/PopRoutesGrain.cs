using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Grains.Events;

namespace OrleansCdn.Grains.Routing;

/// <summary>
/// Keeps <see cref="PopRoutesMirror"/> and <see cref="AnnouncerMembers"/>, wakes those who wait for a change, and compares itself
/// with config and upstreams from time to time, so that a push that was lost is made up for.
/// </summary>
internal sealed partial class PopRoutesGrain(TimeProvider time, EventOutbox events, ILogger<PopRoutesGrain> log) : Grain, IPopRoutesGrain
{
    private readonly string _life = Guid.NewGuid().ToString("N")[..8];
    private readonly SteadyClock _clock = new(time);
    private readonly Signal _news = new();
    private readonly AnnouncerMembers _members = new();
    private PopRoutesMirror _mirror = null!;
    private SessionWatch _sessions = null!;
    private CheckWatch _checks = null!;
    private string _pop = "";
    private bool _syncing;
    private bool _syncAgain;
    private bool _hasFailed;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _pop = this.GetPrimaryKeyString();
        _mirror = new PopRoutesMirror(_pop);
        _sessions = new SessionWatch(_pop);
        _checks = new CheckWatch(_pop);
        await SyncConfigAsync(cancellationToken);
        this.RegisterGrainTimer(SyncAsync, TimeSpan.Zero, GrainLimits.SyncInterval);
    }

    public async Task<PopConnected> ConnectAsync(AnnouncerHello hello, CancellationToken cancellationToken)
    {
        if (!_members.Knows(hello.Edge))
        {
            await SyncConfigAsync(cancellationToken);
        }

        if (!_members.Knows(hello.Edge))
        {
            return new PopConnected { Refusal = Refusal(hello.Edge) };
        }

        string connection = Guid.NewGuid().ToString("N")[..12];
        string? older = _members.Connect(hello, connection, _clock.Now);
        if (older is not null)
        {
            LogTakenOver(_pop, hello.Edge, older, hello.Instance);
        }
        else
        {
            LogConnected(_pop, hello.Edge, hello.Instance);
        }

        events.Tell(Happenings.AnnouncerConnected(_pop, hello.Edge, hello.Instance, older));

        _news.Raise();
        return new PopConnected { Connection = connection };
    }

    public Task DisconnectAsync(string edge, string connection, CancellationToken cancellationToken)
    {
        if (_members.Disconnect(edge, connection))
        {
            LogDisconnected(_pop, edge);
            events.Tell(Happenings.AnnouncerLost(_pop, edge, "its connection ended; its sessions go on if it runs"));
        }

        return Task.CompletedTask;
    }

    public async Task<AnnouncerUpdate> NextAsync(AnnouncerPosition position, CancellationToken cancellationToken)
    {
        DateTimeOffset deadline = _clock.Now + (position.Wait < GrainLimits.MaxWait ? position.Wait : GrainLimits.MaxWait);
        while (true)
        {
            Task news = _news.Next;
            FeedVerdict verdict = _members.Check(position.Edge, position.Connection, _clock.Now);
            if (verdict != FeedVerdict.Messages)
            {
                return new AnnouncerUpdate { Verdict = verdict };
            }

            string stamp = string.Create(CultureInfo.InvariantCulture, $"{_life}:{_mirror.Changes}");
            if (stamp != position.Stamp && _mirror.Desired(position.Edge) is { } desired)
            {
                return new AnnouncerUpdate { Verdict = FeedVerdict.Messages, Desired = desired, Stamp = stamp };
            }

            if (!await Waiting.ForAsync(news, deadline - _clock.Now, time, cancellationToken))
            {
                return new AnnouncerUpdate { Verdict = FeedVerdict.Messages, Stamp = position.Stamp };
            }
        }
    }

    public Task HeardAsync(AnnouncerWord word, CancellationToken cancellationToken)
    {
        if (_members.Heard(word, _clock.Now) && word.Report is { } report)
        {
            _sessions.Take(word.Edge, report).ForEach(events.Tell);
            _checks.Take(word.Edge, report).ForEach(events.Tell);
        }

        return Task.CompletedTask;
    }

    public Task UpstreamChangedAsync(UpstreamPush push, CancellationToken cancellationToken)
    {
        Take(push.Upstream, push.View);
        return Task.CompletedTask;
    }

    public Task ConfigChangedAsync(CancellationToken cancellationToken)
    {
        _ = SyncAsync(CancellationToken.None);
        return Task.CompletedTask;
    }

    public Task<PopRoutes> ViewAsync(CancellationToken cancellationToken) => Task.FromResult(new PopRoutes
    {
        Pop = _pop,
        Announcers = [.. _members.InOrder.Select(m => m.State())],
        Upstreams = [.. (_mirror.Pop?.Upstreams ?? []).Select(Upstream)],
    });

    private UpstreamRoutes Upstream(UpstreamConfig config)
    {
        UpstreamView? view = _mirror.View(config.Id);
        ClusterConfig cluster = _mirror.Config!.Config.Cluster;
        AnnouncerMember[] members = [.. _members.InOrder.Where(m => config.IsHeldBy(m.Edge))];
        return new UpstreamRoutes
        {
            Upstream = config.Id,
            Kind = config.Kind,
            Asn = config.Asn,
            Provider = config.Provider,
            Servers = [.. members.Select(m => m.Edge)],
            Version = view?.Version ?? 0,
            Intent = view?.Intent ?? RouteIntent.Empty,
            Revision = view?.Desired?.Revision ?? 0,
            Desired = SeenRoutes.Of(cluster.Asn ?? 0, cluster.Prefixes, view?.Desired?.Routes ?? []),
            Observed =
            [
                .. members.SelectMany(m => (m.Report?.Sessions ?? []).Where(s => s.Upstream == config.Id)
                    .Select(s => new ObservedUpstream { Edge = m.Edge, Connected = m.Connection is not null, Session = s })),
            ],
            Difference = RouteDifference.Of(view?.Desired, _mirror.Config.Epoch, members),
            Problems = view?.Problems ?? [],
            Schedules = view?.Schedules ?? [],
            Explanation = view?.Explanation ?? [],
        };
    }

    /// <summary>One at a time, and one more when something changed meanwhile. Does not throw.</summary>
    private async Task SyncAsync(CancellationToken cancellationToken)
    {
        _syncAgain = true;
        if (_syncing)
        {
            return;
        }

        _syncing = true;
        try
        {
            while (_syncAgain)
            {
                _syncAgain = false;
                foreach (string edge in _members.DropSilent(_clock.Now))
                {
                    LogSilent(_pop, edge);
                    events.Tell(Happenings.AnnouncerLost(_pop, edge, "the silo that it was connected to is silent"));
                }

                await SyncConfigAsync(cancellationToken);
                await Task.WhenAll((_mirror.Pop?.Upstreams ?? []).Select(upstream => SyncUpstreamAsync(upstream.Id, cancellationToken)));
                _hasFailed = false;
            }
        }
        catch (Exception error)
        {
            if (!_hasFailed)
            {
                LogSyncFailed(_pop, error);
            }

            _hasFailed = true;
        }
        finally
        {
            _syncing = false;
        }
    }

    private async Task SyncConfigAsync(CancellationToken cancellationToken)
    {
        IConfigGrain config = GrainFactory.GetGrain<IConfigGrain>(GrainKeys.Cluster);
        ConfigPosition position = await config.PositionAsync(cancellationToken);
        if (position.Version > 0 && (position.Epoch != _mirror.Config?.Epoch || position.Version > _mirror.Config.Version)
            && await config.CurrentAsync(cancellationToken) is { } snapshot && _mirror.Offer(snapshot))
        {
            _members.Configure((_mirror.Pop?.Edges ?? []).Select(e => e.Name));
            _sessions.Keep(_members.InOrder.Select(m => m.Edge));
            _checks.Keep(_members.InOrder.Select(m => m.Edge));
            _news.Raise();
        }
    }

    private async Task SyncUpstreamAsync(string upstream, CancellationToken cancellationToken)
    {
        ConfigSnapshot config = _mirror.Config!;
        var sync = new UpstreamSync(new ConfigPosition(config.Epoch, config.Version), _members.ObservedRevision(upstream, config.Epoch));
        Take(upstream, await GrainFactory.GetGrain<IUpstreamGrain>(GrainKeys.Upstream(_pop, upstream)).SyncAsync(sync, cancellationToken));
    }

    private void Take(string upstream, UpstreamView view)
    {
        if (_mirror.Offer(upstream, view))
        {
            _news.Raise();
        }
    }

    private string Refusal(string edge)
    {
        if (_mirror.Config is not { } config)
        {
            return "no config is in force yet: apply one with 'cdn apply FILE'";
        }

        return _mirror.Pop is { } pop
            ? $"server '{edge}' is not in PoP '{_pop}' of config version {config.Version}, which has {QuotedNames.Of(pop.Edges.Select(e => e.Name))}: start the announcer with one of these names, or add it to the config"
            : $"PoP '{_pop}' is not in config version {config.Version}, which has {QuotedNames.Of(config.Config.Pops.Select(p => p.Id))}: start the announcer with one of these, or add the PoP to the config";
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Announcer {Pop}/{Edge} connected (instance {Instance})")]
    private partial void LogConnected(string pop, string edge, string instance);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Announcer {Pop}/{Edge}: a connection of instance {Older} ends, because instance {Newer} has connected")]
    private partial void LogTakenOver(string pop, string edge, string older, string newer);

    [LoggerMessage(Level = LogLevel.Information, Message = "Announcer {Pop}/{Edge} disconnected; it goes on with what it has")]
    private partial void LogDisconnected(string pop, string edge);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Announcer {Pop}/{Edge} is given up: no silo speaks for it any more")]
    private partial void LogSilent(string pop, string edge);

    [LoggerMessage(Level = LogLevel.Warning, Message = "PoP {Pop} could not compare itself with config and upstreams; it tries again, and its announcers go on with what they have")]
    private partial void LogSyncFailed(string pop, Exception error);
}
