using System.Collections.Immutable;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Grains.Failover;

namespace OrleansCdn.Grains.Routing;

/// <summary>What a PoP knows of the config and of its upstreams, and what of that an announcer is to do. Pure.</summary>
internal sealed class PopRoutesMirror(string pop)
{
    private readonly Dictionary<string, UpstreamView> _views = [];

    /// <summary>Null: none is in force, or none is known yet.</summary>
    public ConfigSnapshot? Config { get; private set; }

    public PopConfig? Pop => Config?.Config.FindPop(pop);

    /// <summary>Counts what changed for announcers.</summary>
    public long Changes { get; private set; }

    /// <summary>True when it is news. Within one history an older version is not.</summary>
    public bool Offer(ConfigSnapshot snapshot)
    {
        if (Config is { } known && known.Epoch == snapshot.Epoch && known.Version >= snapshot.Version)
        {
            return false;
        }

        Config = snapshot;
        _views.KeepOnly((Pop?.Upstreams ?? []).Select(u => u.Id));

        Changes++;
        return true;
    }

    /// <summary>True when announcers are to be told. An older state never replaces a newer one.</summary>
    public bool Offer(string upstream, UpstreamView view)
    {
        if (Pop?.Upstreams.Any(u => u.Id == upstream) != true)
        {
            return false;
        }

        UpstreamView? known = _views.GetValueOrDefault(upstream);
        if (known is not null && known.Epoch == view.Epoch
            && (view.ConfigVersion < known.ConfigVersion || view.Version < known.Version || Revision(view) < Revision(known)))
        {
            return false;
        }

        _views[upstream] = view;
        if (known is not null && known.Epoch == view.Epoch && Revision(known) == Revision(view))
        {
            return false;
        }

        Changes++;
        return true;
    }

    public UpstreamView? View(string upstream) => _views.GetValueOrDefault(upstream);

    /// <summary>
    /// Null: not all is known yet. What lacks an upstream would end its sessions, so the announcers are left with what they have.
    /// </summary>
    public DesiredAnnouncements? Desired(string edge)
    {
        if (Config is not { } config || Pop is not { } configured)
        {
            return null;
        }

        var upstreams = ImmutableArray.CreateBuilder<DesiredUpstream>();
        foreach (UpstreamConfig upstream in configured.Upstreams)
        {
            if (_views.GetValueOrDefault(upstream.Id) is not { Desired: { } desired } view || view.Epoch != config.Epoch)
            {
                return null;
            }

            if (upstream.IsHeldBy(edge))
            {
                upstreams.Add(desired);
            }
        }

        return new DesiredAnnouncements
        {
            Epoch = config.Epoch,
            ConfigVersion = config.Version,
            Asn = config.Config.Cluster.Asn ?? 0,
            AllowedPrefixes = config.Config.Cluster.Prefixes,
            Upstreams = upstreams.ToImmutable(),
            Failover = FailoverPlanner.Of(config.Config),
        };
    }

    private static long Revision(UpstreamView view) => view.Desired?.Revision ?? 0;
}
