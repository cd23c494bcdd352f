using OrleansCdn.Dns.Answering;
using OrleansCdn.Dns.Server;
using OrleansCdn.Dns.Server.Limiting;
using OrleansCdn.Dns.Server.Log;
using OrleansCdn.Dns.Server.Udp;
using OrleansCdn.Dns.Tests.Kit;
using OrleansCdn.Dns.Zones;

namespace OrleansCdn.Dns.Tests.Server;

/// <summary>What is left out when more comes than can be answered.</summary>
public sealed class LoadTests
{
    private const uint QueueSize = 1000;

    [Fact]
    public void Full_batches_alone_are_no_overload()
    {
        LoadGauge gauge = default;
        TimeSpan now = TimeSpan.FromSeconds(50);
        int looks = 0;
        for (int i = 0; i < 64; i++)
        {
            if (gauge.Count(true, now))
            {
                looks++;
                gauge.Look(new QueueState(400, QueueSize, 7), now);
            }
        }

        Assert.Equal(64 / LoadGauge.BatchesPerLook, looks);

        // Seven were dropped before the first look, none since.
        Assert.Equal(LoadLevel.Overloaded, gauge.Level);
        now += TimeSpan.FromSeconds(1);
        Assert.False(gauge.Count(false, now));
        Assert.Equal(LoadLevel.Normal, gauge.Level);
    }

    [Fact]
    public void The_level_rises_with_the_queue_and_falls_with_time()
    {
        LoadGauge gauge = default;
        TimeSpan now = TimeSpan.FromSeconds(50);
        Assert.Equal(0u, gauge.Look(new QueueState(499, QueueSize, 0), now));
        Assert.Equal(LoadLevel.Normal, gauge.Level);
        Assert.Equal(0u, gauge.Look(new QueueState(500, QueueSize, 0), now));
        Assert.Equal(LoadLevel.Busy, gauge.Level);
        Assert.Equal(12u, gauge.Look(new QueueState(1000, QueueSize, 12), now));
        Assert.Equal(LoadLevel.Overloaded, gauge.Level);

        // A calmer look does not lower it before its time.
        now += TimeSpan.FromMilliseconds(300);
        gauge.Look(new QueueState(0, QueueSize, 12), now);
        _ = gauge.Count(true, now);
        Assert.Equal(LoadLevel.Overloaded, gauge.Level);
        _ = gauge.Count(true, now + TimeSpan.FromMilliseconds(100));
        Assert.Equal(LoadLevel.Normal, gauge.Level);

        // The kernel's count wraps.
        gauge.Look(new QueueState(0, QueueSize, uint.MaxValue), now);
        Assert.Equal(3u, gauge.Look(new QueueState(0, QueueSize, 2), now));
    }

    [Fact]
    public void A_network_that_floods_is_over_its_share_and_the_others_are_not()
    {
        var shares = new NetworkShares(KeyedHash.Fresh());
        var random = new Random(3);
        int shedFlood = 0, shedOthers = 0, others = 0;
        for (int i = 0; i < 100_000; i++)
        {
            if (i % 2 == 0)
            {
                shedFlood += shares.IsOver(1) ? 1 : 0;
            }
            else
            {
                others++;
                shedOthers += shares.IsOver((UInt128)random.Next(100, 400)) ? 1 : 0;
            }
        }

        Assert.InRange(shedFlood, 45_000, 50_000);
        Assert.InRange(shedOthers, 0, others / 50);
    }

    [Fact]
    public void In_overload_the_flooding_network_and_errors_are_left_out_and_counted()
    {
        var data = new DnsData { Zones = new ZoneTable(new ServedZone(TestServer.Compile(TestServer.Records))) };
        var desk = new UdpDesk(
            new Responder(new DnsDataSource(data), new DnsCounters()),
            new Faults(),
            new ResponseLimiter(KeyedHash.Fresh()),
            new QueryLog(TimeProvider.System),
            KeyedHash.Fresh(),
            1);
        byte[] response = new byte[Responder.MaxUdpLength];
        byte[] good = Ask.For("mail." + TestServer.Zone, 1).Octets();
        byte[] refused = Ask.For("example.org", 1).Octets();
        TimeSpan now = TimeSpan.FromSeconds(50);
        _ = desk.Begin(true, now);
        desk.Look(new QueueState(QueueSize, QueueSize, 0));
        desk.Look(new QueueState(QueueSize, QueueSize, 5));
        Assert.Equal(5, desk.Counters[ServerCount.QueueOverflows]);

        int flooding = 0;
        for (int i = 0; i < 2000; i++)
        {
            flooding += desk.Serve(good, true, TestServer.From("203.0.113.1"), response) > 0 ? 1 : 0;
            Assert.NotEqual(0, desk.Serve(good, true, TestServer.From($"198.51.{i % 100}.7"), response));
            Assert.Equal(0, desk.Serve(refused, true, TestServer.From($"198.51.{i % 100}.8"), response));
        }

        Assert.InRange(flooding, 100, 600);
        Assert.Equal(2000 - flooding, desk.Counters[ServerCount.ShedShare]);
        Assert.Equal(2000, desk.Counters[ServerCount.ShedError]);

        // When it is over, everything is answered.
        _ = desk.Begin(false, now + TimeSpan.FromSeconds(1));
        Assert.NotEqual(0, desk.Serve(refused, true, TestServer.From("203.0.113.1"), response));
    }
}
