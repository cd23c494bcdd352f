using Microsoft.Extensions.DependencyInjection;
using OrleansCdn.Edge.Cache;
using OrleansCdn.Edge.Control;
using OrleansCdn.Edge.Http;
using OrleansCdn.Edge.Origin;

namespace OrleansCdn.Edge;

/// <summary>Puts the parts of the request's way together.</summary>
public static class DataPlane
{
    /// <summary>
    /// Needs <see cref="EdgeState"/>, <see cref="EdgeMetrics"/>, <see cref="PeerPool"/> and <see cref="TimeProvider"/>; with a
    /// <see cref="LeaseClient"/> fills are shared with other edges.
    /// </summary>
    /// <param name="memoryBytes">Of the store.</param>
    /// <param name="ownPeerUrl">Where other edges fetch from this one; null: they cannot.</param>
    public static IServiceCollection AddDataPlane(this IServiceCollection services, long memoryBytes, string? ownPeerUrl)
    {
        services.AddSingleton(new MemoryStore(memoryBytes));
        services.AddSingleton<HitForMissTable>();
        services.AddSingleton<ActiveFills>();
        services.AddSingleton<OriginPool>();
        services.AddSingleton<UpstreamClient>();
        services.AddSingleton(provider => new FillSource(
            provider.GetRequiredService<EdgeState>(), provider.GetRequiredService<UpstreamClient>(), provider.GetService<LeaseClient>(), ownPeerUrl));
        services.AddSingleton<FillRunner>();
        services.AddSingleton<Delivery>();
        services.AddSingleton<PassThrough>();
        services.AddSingleton<MissHandler>();
        services.AddSingleton<RequestPipeline>();
        services.AddSingleton<PurgeSweeper>();
        services.AddHostedService(provider => provider.GetRequiredService<PurgeSweeper>());
        return services;
    }
}
