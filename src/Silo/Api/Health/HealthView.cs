using System.Collections.Immutable;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Contracts.Failover;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Silo.Api.Health;

/// <summary>From what edges and announcers have said to what is known of each server. Pure.</summary>
internal static class HealthView
{
    /// <param name="pop">Of the config.</param>
    /// <param name="edges">Of every PoP: each may see this one's.</param>
    /// <param name="routes">Of this PoP; null: not known at the moment.</param>
    /// <param name="eligibility">Of this PoP; null: not known.</param>
    public static HealthPop Of(PopConfig pop, ImmutableArray<PopStatus> edges, PopRoutes? routes, PopEligibility? eligibility)
    {
        PopStatus? own = edges.FirstOrDefault(status => status.Id == pop.Id);
        return new HealthPop
        {
            Pop = pop.Id,
            Eligibility = eligibility,
            Servers = [.. pop.Edges.Select(edge => Of(pop, edge.Name, own?.Edges.FirstOrDefault(status => status.Name == edge.Name), edges, routes))],
        };
    }

    private static HealthServer Of(PopConfig pop, string server, EdgeStatus? edge, ImmutableArray<PopStatus> edges, PopRoutes? routes)
    {
        AnnouncerState? announcer = routes?.Announcers.FirstOrDefault(state => state.Edge == server);
        bool announces = pop.Holds(server) || announcer?.LastSeen is not null;
        ObservedSession[] sessions =
            [.. (routes?.Upstreams ?? []).SelectMany(upstream => upstream.Observed).Where(observed => observed.Edge == server).Select(observed => observed.Session)];
        HealthServer known = new()
        {
            Server = server,
            Verdict = HealthVerdict.Unknown,
            EdgeConnected = edge?.Connected == true,
            EdgeLastSeen = edge?.LastSeen,
            AnnouncerConnected = announces ? announcer?.Connected == true : null,
            AnnouncerLastSeen = announcer?.LastSeen,
            Failover = announcer?.Failover,
            Sessions = sessions.Length,
            Established = sessions.Count(session => session.State == BgpState.Established),
            SeenBy = [.. SeenBy(server, edges)],
            SickOrigins = edge is { Connected: true } ? edge.Condition?.SickOrigins ?? [] : [],
        };
        return known with { Verdict = Verdict(known, edge?.Condition) };
    }

    private static IEnumerable<HealthSeenBy> SeenBy(string server, ImmutableArray<PopStatus> edges) =>
        from pop in edges
        from edge in pop.Edges
        where edge is { Connected: true, Condition.Reach: not null }
        let reach = edge.Condition!.Reach!
        where reach.Answering.Contains(server) || reach.Silent.Contains(server)
        select new HealthSeenBy($"{pop.Id}/{edge.Name}", reach.Answering.Contains(server));

    /// <summary>A check that fails is believed also when it is the last that was heard; that all is well is not.</summary>
    private static HealthVerdict Verdict(HealthServer server, EdgeCondition? condition)
    {
        ImmutableArray<HealthCheckStatus> checks = server.Failover?.Checks ?? [];
        if (checks.Any(check => check is { IsHard: true, IsOk: false }))
        {
            return HealthVerdict.Failing;
        }

        if (server.AnnouncerConnected is null)
        {
            // Nobody probes it: its edge and its neighbours have to do.
            bool isPlain = condition?.Disk.State is not (EdgeDiskState.Failed or EdgeDiskState.ReadOnly) && server.SickOrigins.IsEmpty;
            return !server.EdgeConnected ? HealthVerdict.Unknown : isPlain && server.SeenBy.All(seen => seen.Answers) ? HealthVerdict.Ok : HealthVerdict.NeedsLook;
        }

        if (server.AnnouncerConnected == false || server.Failover is null)
        {
            return HealthVerdict.Unknown;
        }

        return server.EdgeConnected && checks.All(check => check.IsOk) && server.SeenBy.All(seen => seen.Answers) ? HealthVerdict.Ok : HealthVerdict.NeedsLook;
    }
}
