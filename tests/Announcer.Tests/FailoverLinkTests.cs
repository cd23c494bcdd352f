using System.Net.Sockets;
using OrleansCdn.Announcer.Desired;
using OrleansCdn.Announcer.Failover;
using OrleansCdn.Announcer.Tests.Running;
using OrleansCdn.Silo.Tests;
using OrleansCdn.Silo.Tests.Routing;
using OrleansCdn.Testing;

namespace OrleansCdn.Announcer.Tests;

/// <summary>Two real announcers of two PoPs, a real silo between them, and neighbours of raw octets: what the world sees when an edge dies.</summary>
public sealed class FailoverLinkTests : IDisposable
{
    private const string GracefulShutdown = "ffff0000";

    private readonly Server _waw = new("waw");
    private readonly Server _lax = new("lax");

    public void Dispose()
    {
        _waw.Dispose();
        _lax.Dispose();
    }

    [Fact]
    public async Task A_dead_edge_takes_its_routes_when_the_other_PoP_has_promised_to_stay_and_without_a_silo_nobody_goes()
    {
        RunningSilo silo = await RunningSilo.StartAsync();
        await silo.Admin.AppliedAsync(Yaml());
        await using AnnouncerRun waw = _waw.Start(silo.Feed);
        await using AnnouncerRun lax = _lax.Start(silo.Feed);
        using RawBgpPeer wawPeer = await _waw.AnnouncedAsync();
        using RawBgpPeer laxPeer = await _lax.AnnouncedAsync();

        _waw.Edge.IsWell = false;
        Assert.Contains(GracefulShutdown, Convert.ToHexStringLower(await wawPeer.ReadAsync(RawBgpPeer.Update)), StringComparison.Ordinal);
        Assert.True(IsWithdrawal(await wawPeer.ReadAsync(RawBgpPeer.Update)));

        // Whoever is seen to have gone was promised something first, and that is on a disk.
        Assert.Equal(["waw1"], _lax.Saved()!.Given.Select(given => given.Server));
        await lax.UntilLogAsync("waw1 asks this server to stay announced: it stays");
        UpstreamAs seen = new(silo, "waw");
        string difference = await seen.UntilAsync(line => line.Contains("nothing is announced: withdrawn by failover", StringComparison.Ordinal));
        Assert.StartsWith("waw1: nothing is announced: withdrawn by failover: ", difference, StringComparison.Ordinal);

        // A new process of the one that promised keeps the word, and is back at once.
        await lax.SignalAsync("KILL");
        _ = await lax.UntilExitAsync();
        await using AnnouncerRun again = _lax.Start(silo.Feed);
        using RawBgpPeer laxAgain = await _lax.AnnouncedAsync();
        await again.UntilLogAsync("the process before this one has promised to stay");

        // Without a silo: the one that fails stays, and the one that was out and answers is back.
        await silo.DisposeAsync();
        _lax.Edge.IsWell = false;
        Assert.Contains(GracefulShutdown, Convert.ToHexStringLower(await laxAgain.ReadAsync(RawBgpPeer.Update)), StringComparison.Ordinal);
        _waw.Edge.IsWell = true;
        byte[] back = await wawPeer.ReadAsync(RawBgpPeer.Update);
        Assert.False(IsWithdrawal(back));
        Assert.DoesNotContain(GracefulShutdown, Convert.ToHexStringLower(back), StringComparison.Ordinal);
        await waw.UntilLogAsync("rescue: nobody who is announced and well was heard of");

        // The next thing that is heard of the one that fails: there was no withdrawal in between.
        await again.SignalAsync("TERM");
        while (true)
        {
            (byte type, byte[] body) = (await laxAgain.ReadAsync())!.Value;
            Assert.NotEqual(RawBgpPeer.Update, type);
            if (type == RawBgpPeer.Notification)
            {
                Assert.Equal([6, 2], body[..2]);
                break;
            }
        }
    }

    private string Yaml() => $$"""
        cluster:
          name: test
          asn: 201726
          prefixes: ["2a0f:b240:1000::/48"]
          failover: { rise: 100 }
        pops:
          waw:
            location: { latitude: 52.23, longitude: 21.01, country: PL, continent: EU }
            edges: [ { name: waw1, http: "127.0.0.1:8001" } ]
            upstreams:
              he: { kind: transit, asn: 6939, neighbors: ["{{_waw.Neighbor.LocalEndPoint}}"], families: [ipv6] }
          lax:
            location: { latitude: 34.05, longitude: -118.24, country: US, continent: NA }
            edges: [ { name: lax1, http: "127.0.0.1:8002" } ]
            upstreams:
              he: { kind: transit, asn: 6939, neighbors: ["{{_lax.Neighbor.LocalEndPoint}}"], families: [ipv6] }
        sites:
          www:
            hosts: [www.example.net]
            origins: [ { url: "https://origin.example.net" } ]
        """;

    /// <summary>MP_UNREACH_NLRI (RFC 4760 §4) of the one prefix, and nothing else.</summary>
    private static bool IsWithdrawal(byte[] update) => Convert.ToHexStringLower(update).EndsWith("800f0a000201302a0fb2401000", StringComparison.Ordinal);

    private sealed record UpstreamAs(RunningSilo Silo, string Pop)
    {
        /// <summary>The only line of the difference, as soon as it is the one that is wanted.</summary>
        public async Task<string> UntilAsync(Func<string, bool> wanted)
        {
            var routes = await Silo.Admin.UpstreamAsync(Pop, "he", u => u.Difference.Length == 1 && wanted(u.Difference[0]));
            return routes.Difference[0];
        }
    }

    private sealed class Server(string pop) : IDisposable
    {
        private readonly TemporaryDirectory _data = new();

        public Socket Neighbor { get; } = RawBgpPeer.Listen();

        public ProbedEdge Edge { get; } = new() { IsWell = true };

        public AnnouncerRun Start(Uri silo) => AnnouncerRun.Start(
            "--pop", pop, "--edge", $"{pop}1", "--silo", silo.ToString().TrimEnd('/'), "--data", _data.Path, "--probe", Edge.Url);

        /// <summary>Until the neighbour has the route as it is desired.</summary>
        public async Task<RawBgpPeer> AnnouncedAsync()
        {
            RawBgpPeer peer = await RawBgpPeer.AcceptAsync(Neighbor);
            _ = await peer.EstablishAsync(6939);
            peer.StayAlive();
            Assert.DoesNotContain(GracefulShutdown, Convert.ToHexStringLower(await peer.ReadAsync(RawBgpPeer.Update)), StringComparison.Ordinal);
            return peer;
        }

        /// <summary>What stands in its file, which its process has open.</summary>
        public OrleansCdn.Failover.FailoverDurable? Saved() =>
            new FailoverStore(null!, pop, $"{pop}1").Parse(File.ReadAllBytes(_data[Path.Combine(DesiredStore.DirectoryName, FailoverStore.FileName)])).State;

        public void Dispose()
        {
            Neighbor.Dispose();
            Edge.Dispose();
            _data.Dispose();
        }
    }
}
