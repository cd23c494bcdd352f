using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using OrleansCdn.Bgp.Wire;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Interop.Tests.Network;
using OrleansCdn.Interop.Tests.Peers;

namespace OrleansCdn.Interop.Tests.Cases;

/// <summary>An announcer and a peer with a session between them, and what one is to see of the other.</summary>
internal sealed class Scene : IAsyncDisposable
{
    /// <summary>
    /// What has not happened by then will not: GoBGP stays idle for half a minute after some errors, and the announcer's own attempts are
    /// up to a minute apart.
    /// </summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(100);

    private readonly PeerSettings _settings;
    private ImmutableArray<DesiredRoute> _routes = [];

    private Scene(PeerKind kind, Lab lab, PeerSettings settings)
    {
        Lab = lab;
        _settings = settings;
        Peer = Peer.Create(kind, lab, settings);
        Announcer = new AnnouncerProcess(lab);
        Session = new DesiredSession
        {
            Neighbor = new IPEndPoint(settings.Local, 179),
            Ipv4 = settings.Ipv4,
            Ipv6 = settings.Ipv6,
            HoldTime = TimeSpan.FromSeconds(90),
            Hops = settings.Hops,
            TtlSecurity = settings.TtlSecurity,
        };
    }

    public Lab Lab { get; }

    public Peer Peer { get; }

    public AnnouncerProcess Announcer { get; }

    /// <summary>What the announcer is told of the session with the next <see cref="Announce"/>.</summary>
    public DesiredSession Session { get; set; }

    /// <param name="kind">Whose peer.</param>
    /// <param name="configure">What is other than usual about it.</param>
    /// <param name="overIpv6">The session's own family.</param>
    /// <param name="isRouted">A router stands between the two.</param>
    /// <returns>The peer listens; the announcer does not run yet.</returns>
    public static async Task<Scene> OpenAsync(PeerKind kind, Func<PeerSettings, PeerSettings>? configure = null, bool overIpv6 = false, bool isRouted = false)
    {
        Lab lab = await Lab.CreateAsync(isRouted);
        var settings = new PeerSettings
        {
            Local = overIpv6 ? lab.PeerIpv6 : lab.PeerIpv4,
            Announcer = overIpv6 ? lab.AnnouncerIpv6 : lab.AnnouncerIpv4,
        };
        var scene = new Scene(kind, lab, configure?.Invoke(settings) ?? settings);
        try
        {
            await scene.Peer.StartAsync();
            return scene;
        }
        catch
        {
            await scene.DisposeAsync();
            throw;
        }
    }

    /// <summary>The peer's process anew, with other settings: it knows of no connection any more.</summary>
    public async Task RestartPeerAsync(Func<PeerSettings, PeerSettings> configure, Func<Task>? whileGone = null)
    {
        await Peer.Speaker.KillAsync();
        await (whileGone?.Invoke() ?? Task.CompletedTask);
        Peer.Settings = configure(Peer.Settings);
        await Peer.StartAsync();
    }

    public static DesiredRoute Route(string prefix, int prepend = 0, params string[] communities) => new()
    {
        Prefix = IPNetwork.Parse(prefix),
        Prepend = prepend,
        Communities = [.. communities.Select(Community.Parse).Order(Comparer<Community>.Create(Community.Compare))],
    };

    /// <summary>Says what is desired from now on; starts the announcer with the first call.</summary>
    public void Announce(params ImmutableArray<DesiredRoute> routes)
    {
        _routes = routes;
        Announcer.Desire(
            new DesiredUpstream { Id = "peer", Kind = UpstreamKind.Transit, Asn = _settings.Asn, Revision = 0, Sessions = [Session], Routes = routes },
            _settings.AnnouncerAsn);
        if (Announcer.Process is null)
        {
            Announcer.Start();
        }
    }

    /// <summary>The peer's table holds what is desired, attribute by attribute, and nothing else; both sides say Established.</summary>
    public async Task AgreeAsync()
    {
        ImmutableArray<SeenRoute> expected = SeenRoute.Sorted(_routes.Select(r => SeenRoute.Expected(r, _settings.AnnouncerAsn, NextHop(r.Prefix))));
        _ = await Poll.UntilAsync(
            $"the peer's table is\n{string.Join('\n', expected)}",
            Limit,
            async () => await Announcer.SessionAsync() is { State: BgpState.Established } session
                && session.Advertised.OrderBy(Key).SequenceEqual(_routes.OrderBy(Key))
                && (await Peer.RoutesAsync()).SequenceEqual(expected)
                && (await Peer.SessionAsync()).IsEstablished,
            DescribeAsync);

        static string Key(DesiredRoute route) => route.Prefix.ToString();
    }

    /// <summary>The peer's table becomes empty.</summary>
    /// <returns>How long that took from the call, to the end of the question that was answered with nothing.</returns>
    public Task<TimeSpan> GoneAsync() => Poll.UntilAsync("the peer's table is empty", Limit, async () => (await Peer.RoutesAsync()).IsEmpty, DescribeAsync);

    public async Task<ObservedSession> SessionAsync(string what, Func<ObservedSession, bool> condition)
    {
        ObservedSession? session = null;
        _ = await Poll.UntilAsync(what, Limit, async () => (session = await Announcer.SessionAsync()) is not null && condition(session), DescribeAsync);
        return session!;
    }

    public Task UntilAsync(string what, Func<bool> condition) => Poll.UntilAsync(what, Limit, () => Task.FromResult(condition()), DescribeAsync);

    /// <summary>Puts something in between that refuses a capability.</summary>
    public RefusingRelay Refuse(Capability capability)
    {
        var relay = new RefusingRelay(Lab.Announcer, new IPEndPoint(Lab.AnnouncerIpv4, 1790), Session.Neighbor, capability);
        Session = Session with { Neighbor = relay.Address };
        return relay;
    }

    /// <summary>The announcer works on what it was told last.</summary>
    public Task TakenUpAsync() => SessionAsync("what is desired is taken up", s => s.Revision == Announcer.Version);

    /// <summary>Neither side has a session, nor the peer a route.</summary>
    public async Task NothingAsync()
    {
        Assert.Empty(await Peer.RoutesAsync());
        Assert.False((await Peer.SessionAsync()).IsEstablished);
        Assert.Equal(0, (await SessionAsync("the announcer answers", _ => true)).Counters.Established);
    }

    public async ValueTask DisposeAsync()
    {
        Announcer.Dispose();
        await Peer.DisposeAsync();
        await Lab.DisposeAsync();
    }

    private IPAddress NextHop(IPNetwork prefix) => prefix.BaseAddress.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? Lab.AnnouncerIpv4 : Lab.AnnouncerIpv6;

    private async Task<string> DescribeAsync()
    {
        string peer;
        try
        {
            peer = $"{await Peer.SessionAsync()}\n{string.Join('\n', await Peer.RoutesAsync())}";
        }
        catch (Exception e) when (e is IOException or SocketException or InvalidOperationException or TimeoutException)
        {
            peer = e.Message;
        }

        ObservedSession? session = await Announcer.SessionAsync();
        return $"""
            peer: {peer}
            {Peer.Speaker.LastWords()}
            announcer: {session}
            last error: {session?.LastError}
            advertised: {string.Join('\n', session?.Advertised ?? [])}
            {Announcer.Process.LastWords()}
            """;
    }
}
