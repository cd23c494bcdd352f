using System.Net;
using OrleansCdn.Bgp.Fsm;
using OrleansCdn.Bgp.Transport;
using OrleansCdn.Bgp.Wire;
using OrleansCdn.Cli.LabInternet;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Routing.Intent;

namespace OrleansCdn.Cli.Tests.LabInternet;

/// <summary>An announcer's session with one neighbour: real BGP on loopback.</summary>
internal sealed class TestAnnouncer : IAsyncDisposable
{
    private readonly CdnConfig _config;
    private readonly NeighborPlan _plan;
    private readonly SessionRunner _session;

    public TestAnnouncer(CdnConfig config, NeighborPlan plan)
    {
        _config = config;
        _plan = plan;
        _session = new SessionRunner(
            new TcpPeer { Remote = plan.Session.Neighbor, Source = plan.Source, Hops = plan.Session.Hops },
            new SessionSettings
            {
                LocalAsn = config.Cluster.Asn!.Value,
                RouterId = 0x0a00_0001,
                PeerAsn = plan.Upstream.Asn,
                Families = plan.Session.Ipv4 ? AddressFamilies.Ipv4 | AddressFamilies.Ipv6 : AddressFamilies.Ipv6,
                HoldTime = TimeSpan.FromSeconds(90),
            },
            new SessionHooks(),
            TimeProvider.System,
            seed: 1);
        Set(RouteIntent.Empty);
        _session.Start();
    }

    /// <summary>What an operator says over the config.</summary>
    public void Set(RouteIntent intent) =>
        _session.Set(RouteCompiler.ToDesired(_config, _plan.Upstream, intent, 1).Desired.Routes, _config.Cluster.Prefixes);

    public ValueTask DisposeAsync() => _session.DisposeAsync();
}
