using System.Net;
using System.Text.RegularExpressions;
using OrleansCdn.Dns.Answering;
using OrleansCdn.Dns.Geo;
using OrleansCdn.Dns.Server;
using OrleansCdn.Dns.Steering;
using OrleansCdn.Dns.Tests.Kit;
using OrleansCdn.Dns.Tests.Steering;
using OrleansCdn.Dns.Zones;

namespace OrleansCdn.Dns.Tests.Dnssec;

/// <summary>What a real resolver makes of signed answers, and how long it thinks that tailored ones reach.</summary>
public sealed class UnboundTests
{
    private const string Zone = TestServer.Zone;

    [Fact]
    public async Task Unbound_validates_every_kind_of_answer()
    {
        var zone = new SignedZone();
        (DnsServer server, int port) = await zone.ListenAsync();
        await using DnsServer ended = server;
        await using UnboundResolver unbound = await UnboundResolver.StartAsync(port, zone.Anchor);
        foreach (string question in new[] { "mail A", "www AAAA", "chain A", "foo.wild A", "foo.cwild AAAA", "mail TXT", "b.c A", "foo.wild AAAA", "gone A", "deep.below.gone MX" })
        {
            string[] parts = question.Split(' ');
            string answer = await unbound.DigAsync($"{parts[0]}.{Zone}", parts[1]);
            Assert.Contains("status: NOERROR", answer, StringComparison.Ordinal);
            Assert.Matches(@"flags: [a-z ]*\bad\b", answer);
        }
    }

    [Fact]
    public async Task Unbound_refuses_the_same_with_another_key()
    {
        (DnsServer server, int port) = await new SignedZone().ListenAsync();
        await using DnsServer ended = server;
        await using UnboundResolver unbound = await UnboundResolver.StartAsync(port, new SignedZone().Anchor);
        Assert.Contains("status: SERVFAIL", await unbound.DigAsync($"mail.{Zone}", "A"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Neighbours_inside_the_scope_are_answered_from_unbounds_cache_and_those_outside_are_not()
    {
        var signed = new SignedZone();
        SteeringTable table = SteeringTableTests.Compiled(new SteeringInputs
        {
            Policy = new SteeringPolicy
            {
                Pops = [new SteeringPop("waw", 52.2, 21.0), new SteeringPop("lax", 34.0, -118.2)],
                Prefixes = [new PrefixOverride(IPNetwork.Parse("20.0.4.0/22"), ["lax"])],
                Asns = [],
                Rules = [],
                Default = ["waw", "lax"],
            },
            Databases = GeoDatabases.None,
            Now = new DateTimeOffset(2026, 11, 26, 0, 0, 0, TimeSpan.Zero),
        });
        var zone = new SignedZone
        {
            Data = new DnsData { Zones = signed.Data.Zones, Steering = table, DefaultOrder = [0, 1] },
        };
        (DnsServer server, int port) = await zone.ListenAsync();
        await using DnsServer ended = server;
        await using UnboundResolver unbound = await UnboundResolver.StartAsync(port, signed.Anchor);
        long Asked() => server.Answered.Sum(counters => counters[DnsCount.Steered]);

        async Task AskAsync(string subnet, string address, int scope, bool isAsked)
        {
            long before = Asked();
            string answer = await unbound.DigAsync($"+subnet={subnet}", $"www.{Zone}", "A");
            Assert.Contains(address, answer, StringComparison.Ordinal);
            Assert.Matches(@"flags: [a-z ]*\bad\b", answer);
            Assert.Contains($"/{scope}", Regex.Match(answer, "CLIENT-SUBNET: .*").Value, StringComparison.Ordinal);
            Assert.Equal(isAsked, Asked() > before);
        }

        await AskAsync("20.0.4.0/24", "192.0.2.20", 22, isAsked: true);
        await AskAsync("20.0.4.0/24", "192.0.2.20", 22, isAsked: false);
        await AskAsync("20.0.7.0/24", "192.0.2.20", 22, isAsked: false); // a neighbour
        await AskAsync("20.0.8.0/24", "192.0.2.10", 21, isAsked: true); // the first one outside
        await AskAsync("20.0.15.0/24", "192.0.2.10", 21, isAsked: false);
    }
}
