using System.Collections.Immutable;
using System.Reflection;
using Orleans;
using Orleans.Runtime;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Grains;
using OrleansCdn.Silo.Api.Failover;
using OrleansCdn.Silo.Auth;
using OrleansCdn.Silo.Options;

namespace OrleansCdn.Silo.Api;

/// <summary>How the cluster is, for people and for probes.</summary>
internal sealed class StatusEndpoints(IGrainFactory grains, ConfigCache configs, FailoverAsker failover, SiloOptions options, TimeProvider time)
{
    /// <summary>Longest time that a probe is kept waiting.</summary>
    private static readonly TimeSpan HealthPatience = TimeSpan.FromSeconds(2);

    public static readonly string SoftwareVersion =
        typeof(StatusEndpoints).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    public static void Map(IEndpointRouteBuilder routes)
    {
        StatusEndpoints endpoints = routes.ServiceProvider.GetRequiredService<StatusEndpoints>();
        routes.MapGet(ApiRoutes.Status, endpoints.StatusAsync)
            .RequireScope(Scope.Read)
            .WithName("GetStatus").WithSummary("PoPs and edges: who is connected, and how far each has come.").Produces<StatusReply>();
        routes.MapGet(ApiRoutes.Health, endpoints.HealthAsync)
            .WithName("GetHealth").WithSummary("200 while the grains answer; needs no token.")
            .Produces(StatusCodes.Status200OK).Produces<ApiProblem>(StatusCodes.Status503ServiceUnavailable, "application/problem+json");
    }

    private async Task<IResult> StatusAsync(CancellationToken cancellationToken)
    {
        ConfigPosition position = await grains.GetGrain<IConfigGrain>(GrainKeys.Cluster).PositionAsync(cancellationToken);
        CdnConfig? config = (await configs.CurrentAsync(cancellationToken))?.Config;
        PurgeCursor end = await grains.GetGrain<IPurgeLogGrain>(GrainKeys.Cluster).EndAsync(cancellationToken);
        PopStatus[] pops = await Task.WhenAll((config?.Pops ?? []).Select(pop => PopAsync(pop, cancellationToken)));
        Eligibility? eligibility = await grains.GetGrain<IEligibilityGrain>(GrainKeys.Cluster).ViewAsync(cancellationToken).OrNullAsync(time, cancellationToken);
        DateTimeOffset now = time.GetUtcNow();
        return TypedResults.Ok(new StatusReply
        {
            Cluster = config?.Cluster.Name ?? "",
            Silo = options.Name,
            SoftwareVersion = SoftwareVersion,
            ConfigVersion = position.Version,
            Cursor = end,
            EligibilityEpoch = eligibility?.Epoch,
            Pops =
            [
                .. pops.Select(pop => pop with
                {
                    Eligibility = eligibility?.Find(pop.Id),
                    Edges =
                    [
                        .. pop.Edges.Select(edge => edge with
                        {
                            CutOff = CutOff(edge, config!, now), IsDrained = eligibility?.DrainedEdges.Contains(edge.Name) == true,
                        }),
                    ],
                }),
            ],
        });
    }

    /// <summary>Of an edge that has been seen and is away; it may know another config.</summary>
    private static EdgeCutOff? CutOff(EdgeStatus edge, CdnConfig config, DateTimeOffset now) =>
        edge is { Connected: false, LastSeen: { } seen } ? EdgeCutOff.Of(config.Sites, now - seen) : null;

    private async Task<PopStatus> PopAsync(PopConfig pop, CancellationToken cancellationToken)
    {
        Task<ImmutableArray<FailoverServer>> announcers = failover.AskAsync(pop, cancellationToken);
        return await EdgesAsync(pop, cancellationToken) with { Announcers = await announcers };
    }

    private async Task<PopStatus> EdgesAsync(PopConfig pop, CancellationToken cancellationToken)
    {
        PopStatus? status = await grains.GetGrain<IPopGrain>(pop.Id).StatusAsync(cancellationToken).OrNullAsync(time, cancellationToken);
        return status ?? new PopStatus
        {
            Id = pop.Id,
            Name = pop.Name,
            Edges = [.. pop.Edges.Select(e => new EdgeStatus { Name = e.Name, Connected = false, Cursor = PurgeCursor.None })],
        };
    }

    private async Task<IResult> HealthAsync(CancellationToken cancellationToken)
    {
        try
        {
            await grains.GetGrain<IConfigGrain>(GrainKeys.Cluster).PositionAsync(cancellationToken).WaitAsync(HealthPatience, time, cancellationToken);
            return TypedResults.Text("ok\n");
        }
        catch (Exception error) when (error is TimeoutException or OrleansException)
        {
            return Problems.Of(StatusCodes.Status503ServiceUnavailable, $"The grains have not answered within {HealthPatience.TotalSeconds} s.");
        }
    }
}
