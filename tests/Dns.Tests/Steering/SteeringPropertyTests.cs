using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Dns;
using OrleansCdn.Dns.Geo;
using OrleansCdn.Dns.Geo.Mmdb;
using OrleansCdn.Dns.Steering;
using OrleansCdn.Dns.Tests.Geo;
using OrleansCdn.Testing;

namespace OrleansCdn.Dns.Tests.Steering;

/// <summary>
/// The compiled chain against a naive one on random policies and databases. Lists change only where some prefix begins or ends, so that
/// trying those addresses is trying all: a scope must have one list, and its double must not.
/// </summary>
public sealed class SteeringPropertyTests
{
    private const int FirstSeed = 20261126;
    private const int Cases = 60;
    private static readonly DateTimeOffset Now = new(2026, 11, 26, 0, 0, 0, TimeSpan.Zero);
    private static readonly string[] Countries = ["PL", "US", "JP", "BR", "ZA", "AU"];

    [Fact]
    public void The_trie_says_what_the_chain_says_and_its_scopes_are_as_wide_as_their_lists_go()
    {
        int distinct = 0;
        int deep = 0;
        for (int seed = FirstSeed; seed < FirstSeed + Cases; seed++)
        {
            Case random = Case.Of(new Random(seed));
            SteeringTable table = SteeringTableTests.Compiled(random.Inputs);
            distinct += table.Lists.Length;
            foreach (bool isIpv4 in new[] { true, false })
            {
                UInt128[] points = [.. random.Points(isIpv4).Distinct().Order()];
                string[] expected = [.. points.Select(p => random.Naive.Choose(AddressBits.ToAddress(isIpv4, p)))];
                int width = isIpv4 ? 32 : 128;
                for (int i = 0; i < points.Length; i++)
                {
                    string address = $"{AddressBits.ToAddress(isIpv4, points[i])} (seed {seed})";
                    SteeringChoice choice = table.Choose(isIpv4, points[i], width, out int scope);
                    string chosen = string.Join(' ', table.Lists[choice.List].Pops.Select(p => table.Pops[p]));
                    Assert.True(expected[i] == chosen, $"{address}: {chosen} instead of {expected[i]}");
                    SteeringExplanation why = table.Explain(isIpv4, points[i], width);
                    Assert.True(string.Join(' ', why.Pops) == chosen && why.Scope == scope, $"{address}: explained as {why}");
                    deep = Math.Max(deep, scope);
                    Assert.True(AreAlike(Within(points[i], scope)), $"{address}: /{scope} is too wide");
                    Assert.True(scope == 0 || !AreAlike(Within(points[i], scope - 1)), $"{address}: /{scope} is too narrow");
                }

                // Of all points in a network the lists; a network's own first address is a point where any prefix is inside.
                bool AreAlike(IEnumerable<string> lists) => lists.Distinct().Take(2).Count() == 1;
                IEnumerable<string> Within(UInt128 address, int bits)
                {
                    UInt128 first = AddressBits.Network(isIpv4, address, bits);
                    UInt128 last = first + (bits == 0 && !isIpv4 ? UInt128.MaxValue : (UInt128.One << (width - bits)) - 1);
                    int at = Array.BinarySearch(points, first);
                    yield return at >= 0 ? expected[at] : random.Naive.Choose(AddressBits.ToAddress(isIpv4, first));
                    for (int i = at >= 0 ? at : ~at; i < points.Length && points[i] <= last; i++)
                    {
                        yield return expected[i];
                    }
                }
            }
        }

        Assert.True(distinct > Cases * 4 && deep > 60, "the cases were too simple to mean anything");
    }

    [Fact]
    public void Looking_up_allocates_nothing()
    {
        Case random = Case.Of(new Random(FirstSeed));
        SteeringTable table = SteeringTableTests.Compiled(random.Inputs with { Loads = [90, 10, 80, 0] });
        UInt128[] ipv4 = [.. random.Points(true)];
        UInt128[] ipv6 = [.. random.Points(false)];
        long sum = 0;
        LookUp();
        Assert.Equal(0, Allocations.Of(LookUp));
        Assert.True(sum > 0);

        void LookUp()
        {
            foreach (UInt128 address in ipv4)
            {
                sum += table.Choose(true, address, 24, out int scope).List + scope + (table.Knows(true, address, 24) ? 1 : 0);
            }

            foreach (UInt128 address in ipv6)
            {
                sum += table.Choose(false, address, 56, out int scope).List + scope + (table.Knows(false, address, 56) ? 1 : 0);
            }
        }
    }

    private sealed record Case(SteeringInputs Inputs, NaiveSteering Naive, ImmutableArray<IPNetwork> Prefixes)
    {
        public static Case Of(Random random)
        {
            ImmutableArray<SteeringPop> pops =
                [.. new[] { "waw", "lax", "grr", "syd", "gru" }.Take(2 + random.Next(4)).Select(id => new SteeringPop(id, random.Next(-60, 60), random.Next(-180, 180)))];
            List<(IPNetwork, GeoRecord)> places = [];
            List<(IPNetwork, uint)> networks = [];
            var country = new MmdbWriter { DatabaseType = "Test", Built = Now, RecordBits = new[] { 24, 28, 32 }[random.Next(3)], HasIpv4Aliases = random.Next(2) == 0 };
            var asn = new MmdbWriter { DatabaseType = "Test", Built = Now };
            foreach (IPNetwork network in RandomPrefixes(random, 40))
            {
                GeoRecord record = Place(random);
                places.Add((network, record));
                country.Add(network, new MmdbValue.Map(
                    ("country", new MmdbValue.Map(("iso_code", record.Country.ToString()))),
                    ("continent", new MmdbValue.Map(("code", record.Continent.ToString()))),
                    ("registered_country", new MmdbValue.Map(("iso_code", record.RegisteredCountry.ToString()))),
                    ("location", new MmdbValue.Map(("latitude", record.Latitude), ("longitude", record.Longitude)))));
            }

            foreach (IPNetwork network in RandomPrefixes(random, 30))
            {
                uint number = (uint)random.Next(1, 8);
                networks.Add((network, number));
                asn.Add(network, MmdbReaderTests.As(number, "AS"));
            }

            string[] Some(int most) => [.. pops.Select(p => p.Id).OrderBy(_ => random.Next()).Take(random.Next(most + 1))];
            var policy = new SteeringPolicy
            {
                Pops = pops,
                Prefixes = [.. RandomPrefixes(random, 12).Distinct().Select(p => new PrefixOverride(p, [.. Some(3).DefaultIfEmpty(pops[0].Id)]))],
                Asns = [.. Enumerable.Range(1, random.Next(3)).Select(n => new AsnOverride((uint)n, [.. Some(2).DefaultIfEmpty(pops[0].Id)]))],
                Rules = [.. Enumerable.Range(0, random.Next(5)).Select(i => Rule(random, i, Some))],
                Default = [.. Some(2)],
            };
            var rtt = new RttTable([.. RandomPrefixes(random, 15).Distinct().Select(n => new RttRow(n, [.. pops.Where(_ => random.Next(4) > 0).Select(p => Median(random, p.Id))]))]);
            var inputs = new SteeringInputs
            {
                Policy = policy,
                Databases = new GeoDatabases(MmdbReaderTests.Opened(country.ToArray()), MmdbReaderTests.Opened(asn.ToArray())),
                Rtt = rtt,
                Now = Now,
            };
            return new Case(inputs, new NaiveSteering(policy, places, networks, rtt, Now),
            [
                .. places.Select(p => p.Item1), .. networks.Select(n => n.Item1), .. policy.Prefixes.Select(p => p.Prefix), .. rtt.Rows.Select(r => r.Network),
                .. SpecialPurposeAddresses.Blocks, SpecialPurposeAddresses.Nat64, IPNetwork.Parse("::ffff:0:0/96"),
            ]);
        }

        /// <summary>Where a list can begin: the first address of each prefix, and the first behind it.</summary>
        public IEnumerable<UInt128> Points(bool isIpv4)
        {
            int width = isIpv4 ? 32 : 128;
            yield return 0;
            foreach (IPNetwork prefix in Prefixes.Where(p => p.BaseAddress.AddressFamily == AddressFamily.InterNetwork == isIpv4))
            {
                UInt128 first = AddressBits.Of(prefix.BaseAddress);
                yield return first;
                UInt128 behind = first + (UInt128.One << (width - prefix.PrefixLength));
                if (behind != 0 && (!isIpv4 || behind <= uint.MaxValue))
                {
                    yield return behind;
                }
            }
        }

        private static GeoRecord Place(Random random)
        {
            var country = GeoCode.Parse(Countries[random.Next(Countries.Length)]);
            return new GeoRecord
            {
                Country = country,
                Continent = GeoCode.Parse(new[] { "EU", "NA", "AS" }[random.Next(3)]),
                RegisteredCountry = GeoCode.Parse(Countries[random.Next(Countries.Length)]),
                Latitude = random.Next(-80, 80),
                Longitude = random.Next(-180, 180),
            };
        }

        private static SteeringRule Rule(Random random, int number, Func<int, string[]> pops) => new()
        {
            Name = "rule" + number,
            Continent = random.Next(2) == 0 ? default : GeoCode.Parse(new[] { "EU", "NA", "AS" }[random.Next(3)]),
            Countries = random.Next(2) == 0 ? [] : [.. Countries.Take(random.Next(1, 4)).Select(GeoCode.Parse)],
            RegisteredCountries = random.Next(3) > 0 ? [] : [.. Countries.Skip(3).Select(GeoCode.Parse)],
            Asns = random.Next(3) > 0 ? [(uint)random.Next(3, 8)] : [1, 5],
            Pops = [.. pops(3)],
        };

        private static RttMedian Median(Random random, string pop) =>
            new(pop, random.Next(1, 300), random.Next(4) == 0 ? 19 : 20, Now.AddDays(-random.Next(9)));

        /// <summary>Close together, so that they lie in each other; some in special blocks.</summary>
        private static IEnumerable<IPNetwork> RandomPrefixes(Random random, int count)
        {
            for (int i = 0; i < count; i++)
            {
                bool isIpv4 = random.Next(2) == 0;
                (UInt128 from, int least, int most) = random.Next(8) switch
                {
                    0 when isIpv4 => (AddressBits.Of(IPAddress.Parse("10.0.0.0")), 6, 20),
                    0 => (AddressBits.Of(IPAddress.Parse(random.Next(2) == 0 ? "2001:db8::" : "2002:1400::")), 13, 50),
                    _ when isIpv4 => (AddressBits.Of(IPAddress.Parse("20.0.0.0")), 5, 32),
                    _ => (AddressBits.Of(IPAddress.Parse("2a00::")), 4, 70),
                };
                int bits = random.Next(least, most + 1);
                UInt128 noise = random.Next(3) == 0 ? 0 : new UInt128((ulong)random.NextInt64(), (ulong)random.NextInt64());
                UInt128 host = (UInt128.One << ((isIpv4 ? 32 : 128) - least)) - 1;
                yield return new IPNetwork(AddressBits.ToAddress(isIpv4, AddressBits.Network(isIpv4, from | (noise & host), bits)), bits);
            }
        }
    }
}
