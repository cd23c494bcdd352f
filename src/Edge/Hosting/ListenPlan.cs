using System.Net;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Edge.Hosting;

/// <summary>Which addresses to open, from the command line and the config's entry of this edge. Pure.</summary>
internal static class ListenPlan
{
    /// <summary>The addresses; null while none is known for visitors, other edges or DNS, so that there is nothing to open yet.</summary>
    public static ListenAddresses? Resolve(EdgeOptions options, string edge, CdnConfig? config)
    {
        EdgeConfig? entry = options.OnlyNamedListeners ? null : Entry(options.Pop, edge, config);
        ListenAddresses plan = new()
        {
            Http = options.Listen.Http ?? entry?.Http,
            Https = options.Listen.Https ?? entry?.Https,
            Peer = options.IsStandalone ? null : options.Listen.Peer ?? entry?.Peer,
            Admin = options.Listen.Admin ?? entry?.Admin,
            Dns = Dns(options, edge, config),
        };
        return plan is { Http: null, Https: null, Peer: null, Dns: null } ? null : plan;
    }

    /// <summary>Where DNS is answered; null: nowhere, also when the config has no zones.</summary>
    public static IPEndPoint? Dns(EdgeOptions options, string edge, CdnConfig? config) => config?.Dns is null
        ? null
        : options.Listen.Dns ?? (options.OnlyNamedListeners ? null : Entry(options.Pop, edge, config)?.Dns);

    /// <summary>Whether the peer listener may be opened: beyond loopback only with certificates.</summary>
    public static bool PeerIsSafe(ListenAddresses plan, bool hasCertificate) =>
        plan.Peer is null || hasCertificate || IPAddress.IsLoopback(plan.Peer.Address);

    public static EdgeConfig? Entry(string pop, string edge, CdnConfig? config) =>
        config?.FindPop(pop)?.Edges.FirstOrDefault(e => e.Name == edge);

    /// <summary>What the silo is told. An address that means "all of this machine's" is no use to others, so the config's stands in.</summary>
    public static EdgeAddresses Describe(ListenAddresses bound, EdgeConfig? entry, bool peerHasTls)
    {
        IPEndPoint? peer = IsReachable(bound.Peer) ? bound.Peer : IsReachable(entry?.Peer) ? entry!.Peer : null;
        return new EdgeAddresses
        {
            Http = bound.Http?.ToString(),
            Https = bound.Https?.ToString(),
            Peer = bound.Peer is null || peer is null ? null : $"{(peerHasTls ? "https" : "http")}://{peer}",
            Admin = bound.Admin is null ? null : $"http://{bound.Admin}",
        };
    }

    private static bool IsReachable(IPEndPoint? address) =>
        address is not null && !address.Address.Equals(IPAddress.Any) && !address.Address.Equals(IPAddress.IPv6Any);
}
