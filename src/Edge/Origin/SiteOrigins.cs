using System.Collections.Immutable;
using OrleansCdn.Contracts.Config;

namespace OrleansCdn.Edge.Origin;

/// <summary>An origin's settings in one version of the config, and what is known of it.</summary>
public sealed record OriginEndpoint(OriginConfig Config, OriginState State);

/// <summary>The origins of one site in one version of the config, in the order in which they are asked.</summary>
public sealed class SiteOrigins
{
    private readonly ImmutableArray<ImmutableArray<OriginEndpoint>> _groups;
    private uint _turn;

    /// <param name="stateOf">The state that goes with an origin.</param>
    public SiteOrigins(SiteConfig site, Func<OriginId, OriginState> stateOf)
    {
        Site = site;
        Rules = new CircuitRules(site.Failover.TripAfter, site.Failover.BackOff.TotalSeconds, site.Failover.MaxBackOff.TotalSeconds);
        Endpoints = [.. site.Origins.Select(origin => new OriginEndpoint(origin, stateOf(OriginId.Of(site, origin))))];
        _groups =
        [
            .. Endpoints.Select((endpoint, index) => (endpoint, priority: endpoint.Config.Priority ?? index + 1))
                .GroupBy(item => item.priority, item => item.endpoint)
                .OrderBy(group => group.Key)
                .Select(group => group.ToImmutableArray()),
        ];
    }

    public SiteConfig Site { get; }

    public CircuitRules Rules { get; }

    /// <summary>In the order of the config.</summary>
    public ImmutableArray<OriginEndpoint> Endpoints { get; }

    /// <summary>No origin is known to work.</summary>
    public bool AreAllSick(double now)
    {
        foreach (OriginEndpoint endpoint in Endpoints)
        {
            if (endpoint.State.Health(now) == OriginHealth.Healthy)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A request now would find out whether one of them is back.</summary>
    public bool IsTrialDue(double now)
    {
        foreach (OriginEndpoint endpoint in Endpoints)
        {
            if (endpoint.State.Health(now) == OriginHealth.TrialDue)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// All origins, in the order in which one request asks them: by priority, by weight within one, and the sick ones last, so that
    /// no request is refused only because nothing good is known of any of them.
    /// </summary>
    /// <param name="mayTry">Whether the request may find out if a sick origin is back: only one that can go on to another origin.</param>
    public List<OriginEndpoint> Order(double now, bool mayTry)
    {
        var order = new List<OriginEndpoint>(Endpoints.Length);
        var sick = new List<OriginEndpoint>();
        uint turn = Interlocked.Increment(ref _turn);
        foreach (ImmutableArray<OriginEndpoint> group in _groups)
        {
            int begin = order.Count;
            foreach (OriginEndpoint endpoint in group)
            {
                OriginHealth health = endpoint.State.Health(now);
                bool isUsable = health == OriginHealth.Healthy || (mayTry && health == OriginHealth.TrialDue);
                (isUsable ? order : sick).Add(endpoint);
            }

            Share(order, begin, turn);
        }

        order.AddRange(sick);
        return order;
    }

    /// <summary>
    /// Brings the one whose turn it is to the front of its group. Multiples of the golden ratio fall evenly into the shares
    /// (Weyl's sequence), so that a heavy origin's turns are spread out, without a lock or a random number.
    /// </summary>
    private static void Share(List<OriginEndpoint> order, int begin, uint turn)
    {
        if (order.Count - begin < 2)
        {
            return;
        }

        const uint GoldenRatio = 0x9E3779B9;
        int total = 0;
        for (int i = begin; i < order.Count; i++)
        {
            total += order[i].Config.Weight;
        }

        int place = (int)(((ulong)(turn * GoldenRatio) * (ulong)total) >> 32);
        int chosen = begin;
        while (place >= order[chosen].Config.Weight)
        {
            place -= order[chosen].Config.Weight;
            chosen++;
        }

        OriginEndpoint first = order[chosen];
        order.RemoveAt(chosen);
        order.Insert(begin, first);
    }
}
