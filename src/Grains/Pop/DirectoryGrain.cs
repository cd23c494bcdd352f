using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Orleans;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Grains.Pop;

/// <summary>Puts the PoPs' edges together and pushes the whole to the PoPs when it changes.</summary>
internal sealed partial class DirectoryGrain : Grain, IDirectoryGrain
{
    private readonly string _life = Guid.NewGuid().ToString("N")[..8];
    private readonly Dictionary<string, (ImmutableArray<PeerEdge> Edges, DateTimeOffset Until)> _pops = [];
    private readonly SteadyClock _clock;
    private readonly ILogger<DirectoryGrain> _logger;
    private readonly PushGroup _push;
    private DirectoryView _view;
    private long _changes;

    public DirectoryGrain(TimeProvider time, ILogger<DirectoryGrain> logger)
    {
        (_clock, _logger) = (new SteadyClock(time), logger);
        _push = new PushGroup(PushAsync, time);
        _view = new DirectoryView(Version(), []);
    }

    public Task<DirectoryView> SyncAsync(PopPeers peers, CancellationToken cancellationToken)
    {
        DateTimeOffset now = _clock.Now;
        foreach (string gone in _pops.Where(p => p.Value.Until <= now).Select(p => p.Key).ToList())
        {
            _pops.Remove(gone);
        }

        if (_pops.ContainsKey(peers.Pop) || _pops.Count < GrainLimits.MaxPops)
        {
            _pops[peers.Pop] = (peers.Edges, now + GrainLimits.SubscriptionAge);
        }

        _push.Join(peers.Pop);
        ImmutableArray<PeerEdge> edges = [.. _pops.OrderBy(p => p.Key, StringComparer.Ordinal).SelectMany(p => p.Value.Edges)];
        if (!edges.AsSpan().SequenceEqual(_view.Edges.AsSpan()))
        {
            _changes++;
            _view = new DirectoryView(Version(), edges);
            _push.Notify();
        }

        return Task.FromResult(_view);
    }

    private string Version() => string.Create(CultureInfo.InvariantCulture, $"{_life}:{_changes}");

    private async Task PushAsync(string pop)
    {
        try
        {
            await GrainFactory.GetGrain<IPopGrain>(pop).PeersChangedAsync(_view, CancellationToken.None);
        }
        catch (Exception error)
        {
            LogNotPushed(pop, error);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "PoP {Pop} could not be told of its peers; it asks by itself")]
    private partial void LogNotPushed(string pop, Exception error);
}
