using System.Globalization;
using System.Net;
using System.Net.Sockets;
using OrleansCdn.Announcer.Tests.Running;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Silo.Tests;
using OrleansCdn.Silo.Tests.Routing;
using OrleansCdn.Testing;

namespace OrleansCdn.Announcer.Tests;

/// <summary>The real announcer between a real silo and a neighbour of raw octets.</summary>
public sealed class SiloLinkTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly Socket _neighbor = RawBgpPeer.Listen();

    public void Dispose()
    {
        _neighbor.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task A_change_at_the_silo_is_on_the_wire_and_told_back()
    {
        await using RunningSilo silo = await StartSiloAsync();
        await using AnnouncerRun announcer = Start(silo.Feed);
        using RawBgpPeer peer = await RawBgpPeer.AcceptAsync(_neighbor);
        _ = await peer.EstablishAsync(6939);
        Assert.Equal(1, PathLength(await peer.ReadAsync(RawBgpPeer.Update)));
        await UntilAsync(silo, u => u.Difference.IsEmpty && !u.Observed.IsEmpty);
        ObservedSession seen = Assert.Single((await silo.Admin.SessionsAsync()).Sessions).Session;
        Assert.Equal((BgpState.Established, "127.0.0.1"), (seen.State, IPEndPoint.Parse(seen.LocalAddress!).Address.ToString()));
        Assert.Equal("2a0f:b240:1000::/48", Assert.Single(seen.Advertised).Prefix.ToString());

        _ = await silo.Admin.ChangedAsync(Prepend(2));
        Assert.Equal(3, PathLength(await peer.ReadAsync(RawBgpPeer.Update)));
        await UntilAsync(silo, u => u.Difference.IsEmpty && u.Observed.Any(o => o.Session.Advertised.Any(r => r.Prepend == 2)));
    }

    [Fact]
    public async Task A_silo_that_goes_changes_nothing_and_a_restart_without_it_announces_what_was_known()
    {
        RunningSilo silo = await StartSiloAsync();
        Uri feed = silo.Feed;
        await using (AnnouncerRun first = Start(feed))
        {
            using RawBgpPeer peer = await RawBgpPeer.AcceptAsync(_neighbor);
            _ = await peer.EstablishAsync(6939, hold: 3);
            peer.StayAlive();
            _ = await peer.ReadAsync(RawBgpPeer.Update);
            _ = await silo.Admin.ChangedAsync(Prepend(2));
            Assert.Equal(3, PathLength(await peer.ReadAsync(RawBgpPeer.Update)));
            await UntilAsync(silo, u => u.Difference.IsEmpty && u.Observed.Any(o => o.Session.Advertised.Any(r => r.Prepend == 2)));
            await silo.DisposeAsync();
            await first.UntilLogAsync("What is known stays in force");

            // Alive, and nothing but that: two keepalives after the silo has gone.
            for (int i = 0; i < 2; i++)
            {
                Assert.Equal(RawBgpPeer.Keepalive, (await peer.ReadAsync())!.Value.Type);
            }

            await first.SignalAsync("KILL");
            _ = await first.UntilExitAsync();
        }

        await using AnnouncerRun again = Start(feed);
        using RawBgpPeer second = await RawBgpPeer.AcceptAsync(_neighbor);
        _ = await second.EstablishAsync(6939);
        Assert.Equal(3, PathLength(await second.ReadAsync(RawBgpPeer.Update)));
        await again.UntilLogAsync("from disk is in force");
    }

    [Fact]
    public async Task Two_announcers_do_not_share_a_directory()
    {
        await using AnnouncerRun first = Start(new Uri("http://127.0.0.1:1"));
        await first.UntilLogAsync("does not serve");
        await using AnnouncerRun second = Start(new Uri("http://127.0.0.1:1"));
        Assert.Equal(1, await second.UntilExitAsync());
        await second.UntilLogAsync("is held by another process");
    }

    [Theory]
    [InlineData("waw/waw1", "connected to")]
    [InlineData("lax/lax1", "Refused")]
    public async Task With_certificates_a_silo_takes_the_server_that_the_certificate_names(string commonName, string expected)
    {
        var data = new TestData();
        var ca = new TestCa("the CA");
        ca.WriteTo(data.Directory, "silo");
        ca.WriteTo(_directory.Path, "server", commonName);
        await using RunningSilo silo = await RunningSilo.StartAsync(
            data, null,
            "--feed-cert", Path.Combine(data.Directory, "silo.pem"), "--feed-key", Path.Combine(data.Directory, "silo.key"), "--feed-ca", Path.Combine(data.Directory, "ca.pem"));
        await silo.Admin.AppliedAsync(Yaml());
        await using AnnouncerRun announcer = Start(
            silo.Feed, "--peer-certificate", _directory["server.pem"], "--peer-key", _directory["server.key"], "--ca", _directory["ca.pem"]);
        await announcer.UntilLogAsync(expected);
    }

    private static RouteChangeRequest Prepend(int times) => new() { Pop = "waw", Upstream = "he", Action = RouteAction.Prepend, Prepend = times };

    private async Task<RunningSilo> StartSiloAsync()
    {
        RunningSilo silo = await RunningSilo.StartAsync();
        await silo.Admin.AppliedAsync(Yaml());
        return silo;
    }

    private string Yaml() => $$"""
        cluster: { name: test, asn: 201726, prefixes: ["2a0f:b240:1000::/48"] }
        pops:
          waw:
            location: { latitude: 52.23, longitude: 21.01, country: PL, continent: EU }
            edges: [ { name: waw1, http: "127.0.0.1:8001" } ]
            upstreams:
              he: { kind: transit, asn: 6939, neighbors: ["{{_neighbor.LocalEndPoint}}"], families: [ipv6] }
        sites:
          www:
            hosts: [www.example.net]
            origins: [ { url: "https://origin.example.net" } ]
        """;

    private AnnouncerRun Start(Uri silo, params string[] more) => AnnouncerRun.Start(
        ["--pop", "waw", "--edge", "waw1", "--silo", silo.ToString().TrimEnd('/'), "--data", _directory.Path, "--no-probe", .. more]);

    private static Task<UpstreamRoutes> UntilAsync(RunningSilo silo, Func<UpstreamRoutes, bool> wanted) => silo.Admin.UpstreamAsync("waw", "he", wanted);

    /// <summary>AS numbers in the one AS_SEQUENCE of an UPDATE, by hand: the attribute begins 40 02 LENGTH 02 COUNT.</summary>
    private static int PathLength(byte[] update)
    {
        string text = Convert.ToHexStringLower(update);
        int at = text.IndexOf("4002", StringComparison.Ordinal);
        return int.Parse(text.AsSpan(at + 8, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }
}
