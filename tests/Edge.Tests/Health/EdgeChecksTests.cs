using System.Collections.Immutable;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Health.Local;
using OrleansCdn.Edge.Origin;
using OrleansCdn.Edge.Tests.Http;
using OrleansCdn.Edge.Tls;

namespace OrleansCdn.Edge.Tests.Health;

/// <summary>What an edge finds of itself, at the borders of each threshold, and the words for it.</summary>
public sealed class EdgeChecksTests
{
    private const long MiB = 1L << 20;
    private const long GiB = 1L << 30;

    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly EdgeFacts Well = new()
    {
        Now = Now,
        Disk = EdgeDisk.None,
        Host = HostFacts.Unknown,
        Certificates = [],
        Origins = [],
        Feed = new FeedStatus(FeedState.Standalone, null, Now, null),
    };

    [Fact]
    public void An_edge_without_anything_is_well() => Assert.Equal(
        ["disk + nothing is kept on disk", "certificates + no site has TLS", "origins + all 0 origins are healthy", "silo + none: it runs from a file"],
        EdgeChecks.Of(Well).Select(Line));

    [Fact]
    public void Everything_that_is_known_is_judged_in_this_order() => Assert.Equal(
        ["disk", "memory", "certificates", "origins", "silo", "peers", "dns"],
        EdgeChecks.Of(Well with
        {
            Host = new HostFacts([], null, new MemoryFacts(1, 2, null)),
            Reach = new EdgeReach(),
            Dns = new EdgeDns { State = EdgeDnsState.Starting },
        }).Select(check => check.Check));

    [Theory]
    [InlineData(EdgeDiskState.Open, null, true, "cache 512 MiB of 2 GiB")]
    [InlineData(EdgeDiskState.Opening, "its index is being read", true, "cache 512 MiB of 2 GiB, its index is being read")]
    [InlineData(EdgeDiskState.ReadOnly, "No space left on device", false, "the cache's disk takes nothing new: No space left on device")]
    [InlineData(EdgeDiskState.Failed, "purges cannot be written down", false, "the cache's disk is not used: purges cannot be written down")]
    [InlineData(EdgeDiskState.Failed, null, false, "the cache's disk is not used: no reason is known")]
    public void The_disk_of_the_cache(EdgeDiskState state, string? reason, bool isOk, string evidence)
    {
        EdgeCheck check = EdgeChecks.Disk(Well with { Disk = new EdgeDisk { State = state, Reason = reason, Bytes = 512 * MiB, CapacityBytes = 2 * GiB } });
        Assert.Equal(new EdgeCheck("disk", isOk, evidence), check);
    }

    [Theory]
    [InlineData(100 * GiB, (256 * MiB) - 1, false)]
    [InlineData(100 * GiB, 256 * MiB, true)]
    [InlineData(1000 * MiB, (50 * MiB) - 1, false)] // of a small one a twentieth
    [InlineData(1000 * MiB, 50 * MiB, true)]
    [InlineData(64 * MiB, 0, false)]
    public void A_file_system_is_full_before_nothing_is_left(long total, long free, bool isOk)
    {
        EdgeCheck check = EdgeChecks.Disk(Well with { Host = new HostFacts([new DiskSpace("/data", free, total)], null, null) });
        Assert.Equal(isOk, check.IsOk);
        Assert.Contains("free at /data", check.Evidence, StringComparison.Ordinal);
    }

    [Fact]
    public void Troubles_of_the_disk_are_told_together_and_what_is_well_is_left_out()
    {
        var host = new HostFacts([new DiskSpace("/data", 1 * MiB, 10 * GiB), new DiskSpace("/cache", 5 * GiB, 10 * GiB)], TimeSpan.FromSeconds(11), null);
        Assert.Equal(
            new EdgeCheck("disk", false, "config and purges cannot be saved: Read-only file system; the file system has not answered for 11 s; 1 MiB of 10 GiB free at /data"),
            EdgeChecks.Disk(Well with { ControlTrouble = "Read-only file system", Host = host }));
        Assert.Equal(
            new EdgeCheck("disk", true, "5 GiB of 10 GiB free at /cache"),
            EdgeChecks.Disk(Well with { Host = host with { Spaces = [host.Spaces[1]], Looking = TimeSpan.FromSeconds(10) } }));
    }

    [Theory]
    [InlineData(90, 50L, true, "90 MiB of 100 MiB in use by the edge; 50 MiB available on the server")]
    [InlineData(91, 50L, false, "91 MiB of 100 MiB in use by the edge")]
    [InlineData(10, 5L, true, "10 MiB of 100 MiB in use by the edge; 5 MiB available on the server")]
    [InlineData(10, 4L, false, "4 MiB available on the server")]
    [InlineData(10, null, true, "10 MiB of 100 MiB in use by the edge")]
    public void Memory(long resident, long? available, bool isOk, string evidence) =>
        Assert.Equal(new EdgeCheck("memory", isOk, evidence), EdgeChecks.Memory(new MemoryFacts(resident * MiB, 100 * MiB, available * MiB)));

    [Fact]
    public void What_the_kernel_says_of_memory_is_read()
    {
        Assert.Equal(4567 * 1024, HostWatch.AvailableIn(["MemTotal:       8000000 kB", "MemAvailable:       4567 kB", "Buffers: 1 kB"]));
        Assert.Null(HostWatch.AvailableIn(["MemTotal:       8000000 kB"]));
        Assert.Null(HostWatch.AvailableIn(["MemAvailable:       much kB"]));
        Assert.Null(HostWatch.AvailableIn(["MemAvailable:       4567"]));
        Assert.Null(HostWatch.AvailableIn([]));
    }

    [Fact]
    public async Task The_server_is_looked_at()
    {
        using HostWatch watch = new([Path.GetTempPath(), "/no/such/directory"], TimeProvider.System);
        await Eventually.TrueAsync(() => Task.FromResult(watch.Facts.Spaces.Length > 0));
        HostFacts facts = watch.Facts;
        DiskSpace space = facts.Spaces[0];
        Assert.Equal(Path.GetTempPath(), space.Directory);
        Assert.InRange(space.Free, 0, space.Total);
        Assert.InRange(facts.Memory!.Resident, 1 * MiB, facts.Memory.Limit);
    }

    [Theory]
    [InlineData(14.0, true, "1 certificates, the first ends 2026-03-15, in 14 days")]
    [InlineData(13.9, false, "www: ends 2026-03-15, in 13 days")]
    [InlineData(-1.0, false, "www: ended 2026-02-28")]
    public void A_certificate_is_told_of_two_weeks_before_its_end(double days, bool isOk, string evidence) => Assert.Equal(
        new EdgeCheck("certificates", isOk, evidence),
        EdgeChecks.Certificates([new CertificateStatus("www", Now.AddDays(days), null)], Now));

    [Fact]
    public void Of_many_certificates_three_are_named()
    {
        ImmutableArray<CertificateStatus> all =
        [
            .. Enumerable.Range(1, 5).Select(i => new CertificateStatus($"s{i}", null, "no such file")), new CertificateStatus("good", Now.AddDays(90), null),
        ];
        Assert.Equal(
            new EdgeCheck("certificates", false, "s1: no such file; s2: no such file; s3: no such file; and 2 more"), EdgeChecks.Certificates(all, Now));
    }

    [Fact]
    public void A_site_is_in_trouble_when_none_of_its_origins_is_left()
    {
        OriginStatus Origin(string site, string url, OriginHealth health, string? failure = null, string? check = null) =>
            new() { Site = site, Origin = url, Health = health, LastFailure = failure, LastCheck = check, TimesSick = 0 };

        Assert.Equal(
            new EdgeCheck("origins", true, "1 of 3 origins are sick, every site has another"),
            EdgeChecks.Origins(
            [
                Origin("a", "https://a1", OriginHealth.Healthy), Origin("a", "https://a2", OriginHealth.CheckFailed, check: "503"), Origin("b", "https://b", OriginHealth.Healthy),
            ]));
        Assert.Equal(
            new EdgeCheck("origins", false, "a: all 2 origins are sick (https://a1: 503); b: its origin is sick (https://b: origin-connect-failed)"),
            EdgeChecks.Origins(
            [
                Origin("a", "https://a1", OriginHealth.CheckFailed, "origin-timeout", "503"), Origin("a", "https://a2", OriginHealth.CheckFailed, check: "503"),
                Origin("b", "https://b", OriginHealth.Tripped, "origin-connect-failed", "200"), Origin("c", "https://c", OriginHealth.Healthy),
            ]));
    }

    [Fact]
    public void A_silo_that_is_away_for_a_moment_is_no_trouble()
    {
        EdgeCheck Silo(FeedState state, double seconds, EdgeCutOff? cutOff = null) =>
            EdgeChecks.Silo(new FeedStatus(state, new Uri("http://silo:8444"), Now.AddSeconds(-seconds), new FeedEnd(FeedEndReason.Unreachable, "refused")), cutOff, Now);

        Assert.Equal("silo + connected to http://silo:8444/ for 60 s", Line(Silo(FeedState.Connected, 60)));
        Assert.Equal("silo + none for 15 s: refused", Line(Silo(FeedState.Disconnected, 15)));
        Assert.Equal("silo - none for 16 s: refused", Line(Silo(FeedState.Connecting, 16)));
        Assert.Equal("silo - connected to http://silo:8444/ for 2 s; purges may be missing for longer than a site allows", Line(Silo(FeedState.Connected, 2, new EdgeCutOff())));
        Assert.Equal("silo + none for 0 s: refused", Line(Silo(FeedState.Disconnected, -3600))); // the clock was set back
    }

    [Fact]
    public void Other_edges_and_the_nameserver()
    {
        Assert.Null(EdgeChecks.Peers(null));
        Assert.Equal("peers + 2 other edges answer", Line(EdgeChecks.Peers(new EdgeReach { Answering = ["a", "b"] })!));
        Assert.Equal("peers - c does not answer, 1 others do", Line(EdgeChecks.Peers(new EdgeReach { Answering = ["a"], Silent = ["c"] })!));
        Assert.Equal("peers - c, d, e, and 1 more do not answer, 0 others do", Line(EdgeChecks.Peers(new EdgeReach { Silent = ["c", "d", "e", "f"] })!));
        Assert.Null(EdgeChecks.Dns(null));
        Assert.Equal("dns + answers at 0.0.0.0:53 for 2 zones", Line(EdgeChecks.Dns(new EdgeDns { State = EdgeDnsState.Answering, Endpoint = "0.0.0.0:53", Zones = 2 })!));
        Assert.Equal("dns + zones are being compiled", Line(EdgeChecks.Dns(new EdgeDns { State = EdgeDnsState.Starting })!));
        Assert.Equal("dns - address in use", Line(EdgeChecks.Dns(new EdgeDns { State = EdgeDnsState.Failed, Problem = "address in use" })!));
        Assert.Equal("dns - it does not listen", Line(EdgeChecks.Dns(new EdgeDns { State = EdgeDnsState.Failed })!));
    }

    private static string Line(EdgeCheck check) => $"{check.Check} {(check.IsOk ? '+' : '-')} {check.Evidence}";
}
