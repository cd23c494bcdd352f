using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using OrleansCdn.Bgp.Fsm;
using OrleansCdn.Bgp.Transport;
using OrleansCdn.Bgp.Wire;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Testing;

namespace OrleansCdn.Bgp.Tests.Transport;

/// <summary>A session on loopback and what it was told.</summary>
internal sealed class TestSession : IAsyncDisposable
{
    public const uint LocalAsn = 201726;
    public const uint PeerAsn = 64515;

    public static readonly IPNetwork Ipv4Prefix = IPNetwork.Parse("192.0.2.0/24");
    public static readonly IPNetwork Ipv6Prefix = IPNetwork.Parse("2a0f:b240:1000::/48");

    private readonly ConcurrentDictionary<IPNetwork, UpdateMessage> _heard = [];

    private TestSession(TcpPeer peer, SessionSettings settings, Func<TimeSpan, bool>? isAlive, TimeProvider? time)
    {
        Runner = new SessionRunner(peer, settings, new SessionHooks { IsAlive = isAlive, Updated = Hear, StateChanged = Changed }, time ?? TimeProvider.System, seed: 7);
    }

    public SessionRunner Runner { get; }

    public ConcurrentQueue<BgpState> States { get; } = [];

    /// <summary>What the other side announces.</summary>
    public IReadOnlyDictionary<IPNetwork, UpdateMessage> Heard => _heard;

    public static TestSession Active(TcpPeer peer, double holdSeconds = 90, Func<TimeSpan, bool>? isAlive = null, TimeProvider? time = null) =>
        new(peer, Settings(LocalAsn, PeerAsn, 0x0a000001, holdSeconds), isAlive, time);

    public static TestSession Active(IPEndPoint remote, double holdSeconds = 90) => Active(new TcpPeer { Remote = remote }, holdSeconds);

    /// <summary>The other side of <see cref="Active(TcpPeer, double, Func{TimeSpan, bool}?, TimeProvider?)"/>.</summary>
    public static TestSession Passive(TcpPeer peer, double holdSeconds = 90, bool isPassive = true, TimeProvider? time = null) =>
        new(peer, Settings(PeerAsn, LocalAsn, 0x0a000002, holdSeconds) with { IsPassive = isPassive }, null, time);

    public static DesiredRoute Route(IPNetwork prefix, int prepend = 0, params string[] communities) =>
        new() { Prefix = prefix, Prepend = prepend, Communities = [.. communities.Select(Community.Parse)] };

    public void Announce(params ImmutableArray<DesiredRoute> routes) => Runner.Set(routes, [Ipv4Prefix, Ipv6Prefix]);

    public Task UntilAsync(BgpState state) => Seen.UntilAsync(state.ToString(), () => Runner.State == state, Describe);

    /// <summary>An error in words that holds this text.</summary>
    public Task UntilErrorAsync(string text) =>
        Seen.UntilAsync($"'{text}'", () => Observe().LastError?.Text.Contains(text, StringComparison.OrdinalIgnoreCase) == true, Describe);

    public ObservedSession Observe() => Runner.Observe("u", 1);

    public ValueTask DisposeAsync() => Runner.DisposeAsync();

    private string Describe() => $"{Observe()}, {Observe().LastError}, completion {Runner.Completion.Status} {Runner.Completion.Exception}";

    private static SessionSettings Settings(uint local, uint peer, uint routerId, double holdSeconds) => new()
    {
        LocalAsn = local,
        PeerAsn = peer,
        RouterId = routerId,
        Families = AddressFamilies.Ipv4 | AddressFamilies.Ipv6,
        HoldTime = TimeSpan.FromSeconds(holdSeconds),
        ErrorWait = TimeSpan.Zero,
    };

    private void Hear(ReadOnlyMemory<byte> body, bool isFourOctet)
    {
        UpdateMessage update = UpdateReader.Read(body.Span, isFourOctet).Update;
        foreach (IPNetwork prefix in update.Withdrawn)
        {
            _ = _heard.TryRemove(prefix, out _);
        }

        foreach (IPNetwork prefix in update.Announced)
        {
            _heard[prefix] = update;
        }
    }

    private void Changed(BgpState from, BgpState to)
    {
        States.Enqueue(to);
        if (from == BgpState.Established)
        {
            _heard.Clear();
        }
    }
}
