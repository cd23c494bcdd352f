using System.Collections.Immutable;
using System.Net;
using OrleansCdn.Announcer.Sessions;
using OrleansCdn.Announcer.Tests.Running;
using OrleansCdn.Bgp.Wire;
using OrleansCdn.Contracts.Failover;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Testing;

namespace OrleansCdn.Announcer.Tests.Sessions;

/// <summary>I6: whatever is desired, by whomever, and at whatever level: nothing but the operator's own prefixes is ever encoded.</summary>
public sealed class AllowListTests
{
    private static readonly IPEndPoint Neighbor = IPEndPoint.Parse("198.51.100.1:179");
    private static readonly byte[] GracefulShutdown = [0xff, 0xff, 0, 0];
    private static readonly ImmutableArray<IPNetwork> Prefixes =
    [
        Sample.Ipv4Prefix, Sample.Ipv6Prefix, .. ((string[])["0.0.0.0/0", "::/0", "192.0.2.0/25", "192.0.2.0/23", "192.0.3.0/24", "2a0f:b240:1000::/49", "2a0f:b240::/32", "198.51.100.7/32"]).Select(IPNetwork.Parse),
    ];

    [Fact]
    public void Nothing_but_allowed_prefixes_is_encoded_at_any_level()
    {
        int seed = Setting.Number("CDN_FUZZ_SEED", 1);
        var random = new Random(seed);
        int encoded = 0;
        int refused = 0;
        for (int i = 0; i < 20_000; i++)
        {
            DesiredAnnouncements desired = Random(random);
            foreach (PlannedSession session in SessionPlan.Of(desired, ImmutableArray.CreateBuilder<string>()).Values)
            {
                foreach (AnnouncementLevel level in Enum.GetValues<AnnouncementLevel>())
                {
                    ImmutableArray<DesiredRoute> routes = session.Routes.At(level);
                    Assert.True(level != AnnouncementLevel.Withdrawn || routes.IsEmpty);
                    foreach (DesiredRoute route in routes)
                    {
                        if (Encode(session, route, random) is { } octets)
                        {
                            encoded++;
                            Assert.True(Says(octets, desired.AllowedPrefixes), $"seed {seed}, case {i}: {route.Prefix} at {level} became {Convert.ToHexStringLower(octets)}, allowed is {string.Join(", ", desired.AllowedPrefixes)}");
                            Assert.True(level != AnnouncementLevel.Depreferred || octets.AsSpan().IndexOf(GracefulShutdown) > 0);
                        }
                        else
                        {
                            refused++;
                        }
                    }
                }
            }
        }

        Assert.True(encoded > 10_000 && refused > 10_000, $"{encoded} encoded, {refused} refused: this shows nothing");
    }

    private static byte[]? Encode(PlannedSession session, DesiredRoute route, Random random) => AnnouncementWriter.Announce(
        new AnnouncementContext
        {
            LocalAsn = Sample.Asn,
            IsFourOctet = random.Next(2) == 0,
            Families = session.Identity.Families,
            NextHopIpv4 = IPAddress.Parse("198.51.100.2"),
            NextHopIpv6 = IPAddress.Parse("2001:db8::2"),
            AllowedPrefixes = session.Allowed,
        },
        route,
        out _);

    /// <summary>By hand: of IPv4 the last octets of the message, of IPv6 the last of MP_REACH_NLRI, are those of an allowed prefix, and there is nothing after or before it.</summary>
    private static bool Says(byte[] message, ImmutableArray<IPNetwork> allowed)
    {
        ReadOnlySpan<byte> body = message.AsSpan(19);
        int attributes = (body[2] << 8) | body[3];
        ReadOnlySpan<byte> ipv4 = body[(4 + attributes)..];
        ReadOnlySpan<byte> rest = body.Slice(4, attributes);
        ReadOnlySpan<byte> ipv6 = [];
        while (!rest.IsEmpty)
        {
            bool isLong = (rest[0] & 0x10) != 0;
            int length = isLong ? (rest[2] << 8) | rest[3] : rest[2];
            int header = isLong ? 4 : 3;
            if (rest[1] == 14)
            {
                ReadOnlySpan<byte> reach = rest.Slice(header, length);
                ipv6 = reach[(3 + 1 + reach[3] + 1)..];
            }

            rest = rest[(header + length)..];
        }

        byte[] said = [.. ipv4, .. ipv6];
        int octets = ipv4.IsEmpty ? 16 : 4;
        return ipv4.IsEmpty != ipv6.IsEmpty && allowed.Any(prefix => prefix.BaseAddress.GetAddressBytes().Length == octets && said.AsSpan().SequenceEqual(Nlri(prefix)));
    }

    private static byte[] Nlri(IPNetwork prefix) => [(byte)prefix.PrefixLength, .. prefix.BaseAddress.GetAddressBytes()[..((prefix.PrefixLength + 7) / 8)]];

    private static DesiredAnnouncements Random(Random random)
    {
        ImmutableArray<DesiredRoute> routes =
        [
            .. Enumerable.Range(0, random.Next(4)).Select(_ => Sample.Route(Prefixes[random.Next(Prefixes.Length)], random.Next(-1, 8), [.. Communities(random)])),
        ];
        return Sample.Desired(Sample.Upstream("u", Neighbor, 1, routes)) with
        {
            AllowedPrefixes = [.. Prefixes.Where(_ => random.Next(3) == 0)],
            Failover = random.Next(2) == 0 ? null : new FailoverPlan([new("waw1", "waw")], FailoverPolicy.Default),
        };
    }

    private static IEnumerable<string> Communities(Random random)
    {
        int count = random.Next(20) == 0 ? 1000 : random.Next(3);
        return Enumerable.Range(0, count).Select(i => random.Next(4) == 0 ? "65535:0" : $"{random.Next(65536)}:{i}");
    }
}
