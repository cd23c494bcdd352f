using System.Collections.Immutable;
using Microsoft.AspNetCore.Http.HttpResults;
using Orleans;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Grains;
using OrleansCdn.Routing.Intent;
using OrleansCdn.Silo.Auth;

namespace OrleansCdn.Silo.Api.Routing;

/// <summary>To look at routes: what each upstream is to see, what it sees, how it came to that.</summary>
internal sealed class RouteEndpoints(IGrainFactory grains, ConfigCache configs, TimeProvider time)
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        RouteEndpoints endpoints = routes.ServiceProvider.GetRequiredService<RouteEndpoints>();
        routes.MapGet(ApiRoutes.Routes, endpoints.RoutesAsync)
            .RequireScope(Scope.Read, Scope.Route)
            .WithName("GetRoutes").WithSummary("What every upstream is to see, what the announcers say that it sees, where the two differ, and how each wish is expressed.")
            .Produces<RoutesReply>().Produces<ApiProblem>(StatusCodes.Status404NotFound, "application/problem+json");
        routes.MapGet(ApiRoutes.RouteHistory, endpoints.HistoryAsync)
            .RequireScope(Scope.Read, Scope.Route)
            .WithName("GetRouteHistory").WithSummary("Who changed what an upstream sees: when, why, and what it was before; oldest first.")
            .Produces<RouteHistoryReply>().Produces<ApiProblem>(StatusCodes.Status404NotFound, "application/problem+json");
        routes.MapGet(ApiRoutes.RouteSchedules, endpoints.SchedulesAsync)
            .RequireScope(Scope.Read, Scope.Route)
            .WithName("GetRouteSchedules").WithSummary("Changes that are to come, that end by themselves, and that were not possible.")
            .Produces<SchedulesReply>();
        routes.MapGet(ApiRoutes.BgpSessions, endpoints.SessionsAsync)
            .RequireScope(Scope.Read, Scope.Route)
            .WithName("GetBgpSessions").WithSummary("BGP sessions of all announcers: state, timers, last error, counters.")
            .Produces<BgpSessionsReply>().Produces<ApiProblem>(StatusCodes.Status404NotFound, "application/problem+json");
    }

    private async Task<IResult> RoutesAsync(string? pop, string? upstream, CancellationToken cancellationToken)
    {
        if (await configs.CurrentAsync(cancellationToken) is not { } snapshot)
        {
            return TypedResults.Ok(new RoutesReply { ConfigVersion = 0, Pops = [] });
        }

        if (Unknown(snapshot.Config, pop, upstream) is { } unknown)
        {
            return unknown;
        }

        return TypedResults.Ok(new RoutesReply
        {
            ConfigVersion = snapshot.Version, Asn = snapshot.Config.Cluster.Asn, Pops = await PopsAsync(snapshot.Config, pop, upstream, cancellationToken),
        });
    }

    private async Task<IResult> HistoryAsync(string pop, string upstream, CancellationToken cancellationToken)
    {
        if (await configs.CurrentAsync(cancellationToken) is not { } snapshot)
        {
            return Problems.Of(StatusCodes.Status404NotFound, "No config is in force, so there is no upstream: apply one first.");
        }

        return Unknown(snapshot.Config, pop, upstream) is { } unknown
            ? unknown
            : TypedResults.Ok(new RouteHistoryReply(
                pop, upstream, await grains.GetGrain<IUpstreamGrain>(GrainKeys.Upstream(pop, upstream)).HistoryAsync(cancellationToken)));
    }

    private async Task<IResult> SchedulesAsync(CancellationToken cancellationToken)
    {
        CdnConfig? config = (await configs.CurrentAsync(cancellationToken))?.Config;
        IEnumerable<Task<ScheduleAt[]>> reading = (config?.Pops ?? []).SelectMany(pop => pop.Upstreams.Select(async upstream =>
        {
            var view = await grains.GetGrain<IUpstreamGrain>(GrainKeys.Upstream(pop.Id, upstream.Id)).ViewAsync(cancellationToken);
            return view.Schedules.Select(s => new ScheduleAt(pop.Id, upstream.Id, s)).ToArray();
        }));
        return TypedResults.Ok(new SchedulesReply([.. (await Task.WhenAll(reading)).SelectMany(s => s)]));
    }

    private async Task<IResult> SessionsAsync(string? pop, string? upstream, CancellationToken cancellationToken)
    {
        CdnConfig? config = (await configs.CurrentAsync(cancellationToken))?.Config;
        if (config is not null && Unknown(config, pop, upstream) is { } unknown)
        {
            return unknown;
        }

        ImmutableArray<PopRoutes> pops = config is null ? [] : await PopsAsync(config, pop, upstream, cancellationToken);
        return TypedResults.Ok(new BgpSessionsReply
        {
            When = time.GetUtcNow(),
            Sessions =
            [
                .. pops.SelectMany(p => p.Upstreams.SelectMany(u => u.Observed).Select(o => new BgpSessionState
                {
                    Pop = p.Pop, Edge = o.Edge, Connected = o.Connected, Session = o.Session,
                })),
            ],
            // A server that holds no session needs no announcer.
            Missing =
            [
                .. pops.SelectMany(p => p.Announcers.Where(a => !a.Connected && p.Upstreams.Any(u => u.Servers.Contains(a.Edge))).Select(a => $"{p.Pop}/{a.Edge}")),
            ],
        });
    }

    /// <summary>Those of one id, or all, with the upstreams of one id, or all.</summary>
    private async Task<ImmutableArray<PopRoutes>> PopsAsync(CdnConfig config, string? pop, string? upstream, CancellationToken cancellationToken)
    {
        PopRoutes[] pops = await Task.WhenAll(config.Pops.Where(p => pop is null || p.Id == pop).Select(p => PopAsync(config, p, cancellationToken)));
        return [.. pops.Select(p => upstream is null ? p : p with { Upstreams = [.. p.Upstreams.Where(u => u.Upstream == upstream)] })];
    }

    private async Task<PopRoutes> PopAsync(CdnConfig config, PopConfig pop, CancellationToken cancellationToken) =>
        await grains.GetGrain<IPopRoutesGrain>(pop.Id).ViewAsync(cancellationToken).OrNullAsync(time, cancellationToken) ?? Silent(config, pop);

    private static PopRoutes Silent(CdnConfig config, PopConfig pop) => new()
    {
        Pop = pop.Id,
        Announcers = [.. pop.Edges.Select(e => new AnnouncerState { Edge = e.Name, Connected = false })],
        Upstreams =
        [
            .. pop.Upstreams.Select(u => new UpstreamRoutes
            {
                Upstream = u.Id,
                Kind = u.Kind,
                Asn = u.Asn,
                Provider = u.Provider,
                Servers = [.. pop.Edges.Select(e => e.Name).Where(u.IsHeldBy)],
                Version = 0,
                Intent = RouteIntent.Empty,
                Revision = 0,
                Desired = [.. config.Cluster.Prefixes.Select(p => new SeenRoute { Prefix = p, Announced = false, AsPath = "", Communities = [] })],
                Observed = [],
                Difference = [$"nothing is known: the silo that looks after '{pop.Id}' has not answered within {GrainPatience.Longest.TotalSeconds} s"],
            }),
        ],
    };

    /// <summary>Null: the config has both.</summary>
    private static JsonHttpResult<ApiProblem>? Unknown(CdnConfig config, string? pop, string? upstream)
    {
        if (pop is not null && config.FindPop(pop) is null)
        {
            return Problems.Of(StatusCodes.Status404NotFound, $"There is no PoP '{pop}': the config has {string.Join(", ", config.Pops.Select(p => p.Id))}.");
        }

        PopConfig[] pops = [.. config.Pops.Where(p => pop is null || p.Id == pop)];
        return upstream is null || pops.SelectMany(p => p.Upstreams).Any(u => u.Id == upstream)
            ? null
            : Problems.Of(
                StatusCodes.Status404NotFound,
                $"There is no upstream '{upstream}' there: the config has {string.Join(", ", pops.SelectMany(p => p.Upstreams.Select(u => $"{p.Id}/{u.Id}")))}.");
    }
}
