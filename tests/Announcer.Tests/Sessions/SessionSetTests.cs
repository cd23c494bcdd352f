using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansCdn.Announcer.Sessions;
using OrleansCdn.Announcer.Tests.Running;
using OrleansCdn.Bgp.Transport;
using OrleansCdn.Contracts.Failover;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Testing;

namespace OrleansCdn.Announcer.Tests.Sessions;

/// <summary>What is desired becomes sessions; what stays the same is not touched.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class SessionSetTests : IAsyncLifetime, IDisposable
{
    private readonly Socket _a = RawBgpPeer.Listen();
    private readonly Socket _b = RawBgpPeer.Listen();
    private readonly TemporaryDirectory _directory = new();
    private readonly SessionSet _set;

    public SessionSetTests()
    {
        _set = Make(null);
        _set.Set(AnnouncementLevel.Normal);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _set.DisposeAsync().AsTask();

    public void Dispose()
    {
        _a.Dispose();
        _b.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task A_session_that_comes_or_goes_flaps_no_other()
    {
        _set.Set(Sample.Desired(Up("a", _a)));
        using RawBgpPeer a = await EstablishAsync(_a);
        _ = await a.ReadAsync(RawBgpPeer.Update);
        _set.Set(Sample.Desired(Up("a", _a), Up("b", _b)));
        using RawBgpPeer b = await EstablishAsync(_b);
        _ = await b.ReadAsync(RawBgpPeer.Update);
        Assert.Equal(["a", "b"], _set.Observe().Select(s => s.Upstream));

        // Only the name is another one: the session goes on under it.
        _set.Set(Sample.Desired(Up("b", _b), Up("renamed", _a)));
        Assert.Equal(["b", "renamed"], _set.Observe().Select(s => s.Upstream));
        _set.Set(Sample.Desired(Up("renamed", _a)));
        Assert.Equal("0603", Convert.ToHexStringLower(await b.ReadAsync(RawBgpPeer.Notification)));

        ObservedSession still = Assert.Single(_set.Observe());
        Assert.Equal((BgpState.Established, 1L), (still.State, still.Counters.Established));
        Assert.Equal(1, still.Counters.UpdatesOut);
    }

    [Fact]
    public async Task Another_hold_time_makes_another_session_after_the_former_has_said_goodbye()
    {
        _set.Set(Sample.Desired(Up("a", _a)));
        using RawBgpPeer first = await EstablishAsync(_a);
        _set.Set(Sample.Desired(Up("a", _a) with { Sessions = [Sample.Session(_a.LocalEndPoint!, 30)] }));
        byte[] farewell = [];
        while (farewell.Length == 0)
        {
            (byte type, byte[] body) = (await first.ReadAsync())!.Value;
            farewell = type == RawBgpPeer.Notification ? body : [];
        }

        Assert.Equal("0606", Convert.ToHexStringLower(farewell)); // Other Configuration Change
        first.Dispose();
        using RawBgpPeer second = await RawBgpPeer.AcceptAsync(_a);
        Assert.Equal(30, (await second.EstablishAsync(Sample.PeerAsn))[4]);
    }

    [Fact]
    public async Task What_is_held_back_is_not_announced_until_it_is_released()
    {
        _set.Set(AnnouncementLevel.Withdrawn);
        _set.Set(Sample.Desired(Up("a", _a)));
        using RawBgpPeer a = await EstablishAsync(_a);
        await Seen.UntilAsync("Established", () => _set.Observe()[0].State == BgpState.Established);
        Assert.Empty(_set.Observe()[0].Advertised);
        Assert.False(_set.IsOnWire);
        _set.Set(AnnouncementLevel.Normal);
        _ = await a.ReadAsync(RawBgpPeer.Update);
        Assert.Single(_set.Observe()[0].Advertised);
        Assert.True(_set.IsOnWire);
    }

    [Fact]
    public async Task A_level_is_an_UPDATE_and_no_other_session()
    {
        DesiredUpstream upstream = Up("a", _a) with { Routes = [Sample.Route(Sample.Ipv4Prefix, 1, "65535:65281", "64600:2914")] };
        _set.Set(Sample.Desired(upstream));
        using RawBgpPeer a = await EstablishAsync(_a);
        const string Desired = "0000" + "0023" + "40010100" + "40020a0202000313fe000313fe" + "4003047f000001" + "c00808fc580b62ffffff01" + "18c00002";
        Assert.Equal(Desired, Convert.ToHexStringLower(await a.ReadAsync(RawBgpPeer.Update)));
        _set.Set(AnnouncementLevel.Depreferred);

        // Six times the own number; GRACEFUL_SHUTDOWN (RFC 8326) in its place among those that were there.
        Assert.Equal(
            "0000" + "0037" + "40010100" + "40021a0206" + string.Concat(Enumerable.Repeat("000313fe", 6)) + "4003047f000001" + "c0080cfc580b62ffff0000ffffff01" + "18c00002",
            Convert.ToHexStringLower(await a.ReadAsync(RawBgpPeer.Update)));
        Assert.True(_set.IsOnWire);

        // What is desired meanwhile is, too, and less preferred.
        _set.Set(Sample.Desired(upstream with { Routes = [Sample.Route(Sample.Ipv4Prefix, 2)] }));
        Assert.Contains("c00804ffff0000", Convert.ToHexStringLower(await a.ReadAsync(RawBgpPeer.Update)), StringComparison.Ordinal);
        _set.Set(AnnouncementLevel.Withdrawn);
        Assert.Equal("000418c000020000", Convert.ToHexStringLower(await a.ReadAsync(RawBgpPeer.Update)));
        await Seen.UntilAsync("nothing on the wire", () => !_set.IsOnWire);
        _set.Set(Sample.Desired(upstream));
        _set.Set(AnnouncementLevel.Normal);
        Assert.Equal(Desired, Convert.ToHexStringLower(await a.ReadAsync(RawBgpPeer.Update)));
        Assert.Equal(1, Assert.Single(_set.Observe()).Counters.Established);
    }

    [Fact]
    public async Task A_prefix_that_is_no_longer_ones_own_is_withdrawn_whoever_still_desires_it()
    {
        _set.Set(Sample.Desired(Up("a", _a)));
        using RawBgpPeer a = await EstablishAsync(_a);
        _ = await a.ReadAsync(RawBgpPeer.Update);
        _set.Set(Sample.Desired(Up("a", _a)) with { AllowedPrefixes = [Sample.Ipv6Prefix] });
        Assert.Equal("000418c000020000", Convert.ToHexStringLower(await a.ReadAsync(RawBgpPeer.Update)));
        Assert.Empty(_set.Observe()[0].Advertised);
        Assert.Contains("is not one of your prefixes", _set.Problems()[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_announced_is_told()
    {
        DesiredUpstream odd = Up("a", _a) with
        {
            Routes = [Sample.Route(IPNetwork.Parse("198.51.100.0/24")), Sample.Route(Sample.Ipv6Prefix)],
        };
        DesiredUpstream twice = Up("b", _a);
        _set.Set(Sample.Desired(odd, twice));
        using RawBgpPeer a = await RawBgpPeer.AcceptAsync(_a);
        byte[] open = RawBgpPeer.OpenBody(Sample.PeerAsn, 90, 7);
        open[21] = 25; // A family that is not ours instead of IPv6.
        await a.SendAsync(RawBgpPeer.Open, open);
        _ = await a.ReadAsync(RawBgpPeer.Open);
        await a.SendAsync(RawBgpPeer.Keepalive);
        await Seen.UntilAsync("Established", () => _set.Observe()[0].State == BgpState.Established, () => $"{_set.Observe()[0].LastError}");
        string problems = string.Join('\n', _set.Problems());
        Assert.Contains("a: 198.51.100.0/24 is not one of your prefixes", problems, StringComparison.Ordinal);
        Assert.Contains("a neighbour has one", problems, StringComparison.Ordinal);
        Assert.Contains($"{Sample.Ipv6Prefix} is not announced: the neighbour does not carry its address family", problems, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Passwords_that_cannot_be_used_are_told_and_used_when_they_can()
    {
        string file = _directory["password"];
        DesiredSession session = Sample.Session(_a.LocalEndPoint!) with { PasswordFile = file };
        _set.Set(Sample.Desired(Up("a", _a) with { Sessions = [session] }));
        await Seen.UntilAsync("the attempt's error", () => _set.Observe()[0].LastError?.Text.Contains("cannot be read", StringComparison.Ordinal) == true);
        Assert.Contains(_set.Problems(), p => p.Contains("cannot be read", StringComparison.Ordinal));

        await File.WriteAllTextAsync(file, "secret\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead);
        SocketOptions.SetMd5(_a, IPAddress.Loopback, "secret"u8);
        using RawBgpPeer a = await EstablishAsync(_a); // The next attempt reads it again.
    }

    [Fact]
    public async Task A_neighbour_that_wants_no_keepalives_gets_no_session()
    {
        _set.Set(Sample.Desired(Up("a", _a)));
        using RawBgpPeer a = await RawBgpPeer.AcceptAsync(_a);
        await a.SendAsync(RawBgpPeer.Open, RawBgpPeer.OpenBody(Sample.PeerAsn, hold: 0, 7));
        Assert.Equal("0206", Convert.ToHexStringLower(await a.ReadAsync(RawBgpPeer.Notification))); // Unacceptable Hold Time
    }

    [Fact]
    public async Task A_neighbour_may_connect_too()
    {
        await using var listener = SessionListener.Open(IPEndPoint.Parse("127.0.0.5:0"), TimeProvider.System);
        await using SessionSet set = Make(listener);
        set.Set(AnnouncementLevel.Normal);
        IPEndPoint silent = IPEndPoint.Parse("127.0.0.6:1"); // Nobody listens there: only the neighbour's own connection can be the session.
        set.Set(Sample.Desired(Sample.Upstream("a", silent, 1, Sample.Route(Sample.Ipv4Prefix))));
        using RawBgpPeer peer = await RawBgpPeer.ConnectAsync(listener.Local, "127.0.0.6");
        _ = await peer.EstablishAsync(Sample.PeerAsn);
        _ = await peer.ReadAsync(RawBgpPeer.Update);
        set.Set(Sample.Desired());
        _ = await peer.ReadAsync(RawBgpPeer.Notification);
        using RawBgpPeer stranger = await RawBgpPeer.ConnectAsync(listener.Local, "127.0.0.6");
        Assert.Null(await stranger.ReadAsync());
        Assert.Equal(1, listener.Refused); // No session is asked any more.
    }

    [Fact]
    public async Task The_end_says_goodbye_to_everyone()
    {
        _set.Set(Sample.Desired(Up("a", _a), Up("b", _b)));
        using RawBgpPeer a = await EstablishAsync(_a);
        using RawBgpPeer b = await EstablishAsync(_b);
        Task stopped = _set.StopAsync("bye");
        Assert.Equal("060203627965", Convert.ToHexStringLower(await a.ReadAsync(RawBgpPeer.Notification)));
        Assert.Equal("060203627965", Convert.ToHexStringLower(await b.ReadAsync(RawBgpPeer.Notification)));
        await stopped;
        _set.Set(Sample.Desired(Up("a", _a)));
        Assert.Empty(_set.Observe());
    }

    private static SessionSet Make(SessionListener? listener) => new(new SessionCommons
    {
        Addresses = new LocalAddresses { RouterId = 0x0a000001 },
        IsAlive = _ => true,
        Listener = listener,
        Time = TimeProvider.System,
        Loggers = NullLoggerFactory.Instance,
        Random = new Random(1),
    });

    private static DesiredUpstream Up(string id, Socket neighbor) => Sample.Upstream(id, neighbor.LocalEndPoint!, 1, Sample.Route(Sample.Ipv4Prefix));

    private static async Task<RawBgpPeer> EstablishAsync(Socket listener)
    {
        RawBgpPeer peer = await RawBgpPeer.AcceptAsync(listener);
        _ = await peer.EstablishAsync(Sample.PeerAsn);
        return peer;
    }
}
