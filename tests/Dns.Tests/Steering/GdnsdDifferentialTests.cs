using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Dns.Geo;
using OrleansCdn.Dns.Geo.Mmdb;
using OrleansCdn.Dns.Steering;
using OrleansCdn.Dns.Tests.Geo;
using Xunit.Abstractions;

namespace OrleansCdn.Dns.Tests.Steering;

/// <summary>
/// The compiled chain against gdnsd on the same database: the same ordered list for every network, and the same scope, which is the
/// widest network that gdnsd gives the same. Only beside spaces that gdnsd has no answers for (6to4 and the like) ours may be wider; then
/// gdnsd is asked about all of it once more. Deep random networks are put into the example's countries, so that scopes of all lengths occur.
/// </summary>
public sealed class GdnsdDifferentialTests(ITestOutputHelper output) : IDisposable
{
    private const int Seed = 20261126;
    private const int AddressesPerFamily = 15_000;
    private const int DeepNetworks = 8_000;
    private const int Overrides = 400;

    private static readonly ImmutableArray<SteeringPop> Pops =
    [
        new("waw", 52.23, 21.01), new("syd", -33.87, 151.21), new("lax", 34.05, -118.24), new("grr", 42.96, -85.67), new("gru", -23.55, -46.63),
        new("sin", 1.35, 103.82), new("jnb", -26.2, 28.05), new("nrt", 35.68, 139.69),
    ];

    private readonly string _directory = Directory.CreateTempSubdirectory("gdnsd-maps-").FullName;
    private readonly Random _random = new(Seed);

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Rules_and_overrides_choose_what_gdnsd_chooses_for_networks_as_wide()
    {
        (byte[] file, List<GeoNetwork> networks) = Database();
        ImmutableArray<PrefixOverride> overrides = [.. Enumerable.Range(0, Overrides).Select(_ => RandomOverride(networks)).DistinctBy(o => o.Prefix)];
        SteeringRule Rule(string name, string? continent, string[] countries, params string[] pops) => new()
        {
            Name = name,
            Continent = continent is null ? default : GeoCode.Parse(continent),
            Countries = [.. countries.Select(GeoCode.Parse)],
            Pops = [.. pops],
        };
        var policy = new SteeringPolicy
        {
            Pops = Pops,
            Prefixes = overrides,
            Rules =
            [
                Rule("us", "NA", ["US"], "grr", "lax"), Rule("mx", "NA", ["MX"], "lax"), Rule("north", "NA", [], "grr"),
                Rule("pt", "EU", ["PT", "ES"], "gru", "waw"), Rule("europe", "EU", [], "waw"), Rule("asia", "AS", [], "sin", "nrt"),
                Rule("oceania", "OC", [], "syd", "sin"), Rule("africa", "AF", [], "jnb"), Rule("south", "SA", [], "gru"),
                Rule("rest", null, []),
            ],
        };
        string Full(params string[] pops) => GdnsdMaps.List([.. pops.Concat(Pops.Select(p => p.Id)).Distinct()]);
        string maps = $$"""
            m => {
              geoip2_db => test.mmdb
              datacenters => {{Full()}}
              map => {
                NA => { US => {{Full("grr", "lax")}}, MX => {{Full("lax")}}, default => {{Full("grr")}} }
                EU => { PT => {{Full("gru", "waw")}}, ES => {{Full("gru", "waw")}}, default => {{Full("waw")}} }
                AS => {{Full("sin", "nrt")}}
                OC => {{Full("syd", "sin")}}
                AF => {{Full("jnb")}}
                SA => {{Full("gru")}}
              }
              nets => {
                {{string.Join("\n    ", overrides.Select(o => $"{o.Prefix} => {Full([.. o.Pops])}"))}}
              }
            }
            """;
        await CompareAsync("rules and overrides", policy, maps, file, [.. networks.Select(n => n), .. overrides.Select(o => Network(o.Prefix))]);
    }

    [Fact]
    public async Task Distance_chooses_what_gdnsd_chooses_for_networks_as_wide()
    {
        (byte[] file, List<GeoNetwork> networks) = Database();
        string maps = $$"""
            m => {
              geoip2_db => test.mmdb
              datacenters => {{GdnsdMaps.List(Pops.Select(p => p.Id))}}
              auto_dc_coords => { {{string.Join(", ", Pops.Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.Id} => [{p.Latitude}, {p.Longitude}]")))}} }
              auto_dc_limit => {{SelectionChain.Nearest}}
            }
            """;
        await CompareAsync("distance", new SteeringPolicy { Pops = Pops }, maps, file, networks);
    }

    private async Task CompareAsync(string name, SteeringPolicy policy, string maps, byte[] file, List<GeoNetwork> networks)
    {
        SteeringTable table = SteeringTableTests.Compiled(new SteeringInputs
        {
            Policy = policy,
            Databases = new GeoDatabases(MmdbReaderTests.Opened(file), null),
            Now = DateTimeOffset.UnixEpoch,
        });
        List<(bool IsIpv4, UInt128 Address)> asked = [.. Addresses(networks, true), .. Addresses(networks, false)];
        ImmutableArray<GdnsdAnswer> answers = await GdnsdMaps.AskAsync(_directory, maps, file, "m", [.. asked.Select(a => AddressBits.ToAddress(a.IsIpv4, a.Address))]);
        var differences = new List<string>();
        var wider = new List<(bool IsIpv4, UInt128 Address, string List)>();
        var counts = new Count[2];
        var lengths = new SortedSet<int>[] { [], [] };
        var chosen = new HashSet<string>();
        for (int i = 0; i < asked.Count; i++)
        {
            (bool isIpv4, UInt128 address) = asked[i];
            int family = isIpv4 ? 0 : 1;
            SteeringList list = table.Lists[table.Choose(isIpv4, address, isIpv4 ? 32 : 128, out int scope).List];
            string ours = string.Join(' ', list.Pops.Take(answers[i].Pops.Length).Select(p => table.Pops[p]));
            string theirs = string.Join(' ', answers[i].Pops);
            counts[family] = counts[family].With(ours == theirs, scope - answers[i].Scope);
            lengths[family].Add(scope);
            chosen.Add(ours);
            if (scope > answers[i].Scope || ours != theirs)
            {
                differences.Add($"{AddressBits.ToAddress(isIpv4, address)}: ours /{scope} {ours}, gdnsd's /{answers[i].Scope} {theirs}");
            }
            else if (scope < answers[i].Scope)
            {
                wider.AddRange(Inside(isIpv4, AddressBits.Network(isIpv4, address, scope), scope).Select(a => (isIpv4, a, theirs)));
            }
        }

        ImmutableArray<GdnsdAnswer> again = await GdnsdMaps.AskAsync(_directory, maps, file, "m", [.. wider.Select(a => AddressBits.ToAddress(a.IsIpv4, a.Address))]);
        differences.AddRange(wider.Zip(again)
            .Where(pair => string.Join(' ', pair.Second.Pops) != pair.First.List)
            .Select(pair => $"{AddressBits.ToAddress(pair.First.IsIpv4, pair.First.Address)} is within a scope of ours for {pair.First.List}, gdnsd's list is {string.Join(' ', pair.Second.Pops)}"));
        foreach (int family in new[] { 0, 1 })
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{name}, {(family == 0 ? "IPv4" : "IPv6")}: {counts[family]}; scopes of {lengths[family].Count} lengths (/{lengths[family].Min} to /{lengths[family].Max})"));
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: {chosen.Count} different lists, seed {Seed}; gdnsd asked again about {wider.Count} addresses of wider scopes"));
        Assert.True(differences.Count == 0, $"{differences.Count} differences (seed {Seed}), among them:\n{string.Join('\n', differences.Take(40))}");
        Assert.True(asked.Count >= 20_000 && chosen.Count >= 7 && lengths[0].Count > 12 && lengths[1].Count > 12, "too little was compared to mean anything");
    }

    private IEnumerable<UInt128> Inside(bool isIpv4, UInt128 network, int bits) => Enumerable.Range(0, 200)
        .Select(_ => Within(new GeoNetwork(isIpv4, network, bits, GeoRecord.Nothing)))
        .Where(address => !SpecialPrefixes.Contain(isIpv4, address, isIpv4 ? 32 : 128));

    /// <summary>The example's countries in GeoIP2's layout, with coordinates and random deep networks; special blocks are empty, as gdnsd has no word on them.</summary>
    private (byte[] File, List<GeoNetwork> Networks) Database()
    {
        GeoDatabase example = MmdbReaderTests.Opened(File.ReadAllBytes(ExampleGeo.CountryPath));
        List<GeoNetwork> networks = [.. example.Networks(true), .. example.Networks(false)];
        GeoRecord[] records = [.. networks.Select(n => n.Record).Distinct()];
        int count = networks.Count;
        for (int i = 0; i < DeepNetworks; i++)
        {
            GeoNetwork within = networks[_random.Next(count)];
            int width = within.IsIpv4 ? 32 : 128;
            int bits = Math.Min(width, within.Bits + 1 + _random.Next(within.IsIpv4 ? 14 : 40));
            networks.Add(new GeoNetwork(
                within.IsIpv4, AddressBits.Network(within.IsIpv4, Within(within), bits), bits, records[_random.Next(records.Length)]));
        }

        var writer = new MmdbWriter { DatabaseType = "GeoIP2-City", Built = DateTimeOffset.UnixEpoch.AddYears(56), RecordBits = 28 };
        foreach (GeoNetwork network in networks)
        {
            SelectionChain.TryPlace(network.Record, out double latitude, out double longitude, out _);
            writer.Add(network.IsIpv4, network.Address, network.Bits, new MmdbValue.Map(
                ("continent", new MmdbValue.Map(("code", network.Record.Continent.ToString()))),
                ("country", new MmdbValue.Map(("iso_code", network.Record.Country.ToString()))),
                ("location", new MmdbValue.Map(("latitude", latitude), ("longitude", longitude)))));
        }

        foreach (IPNetwork block in SpecialPurposeAddresses.Blocks.Append(SpecialPurposeAddresses.Nat64).Where(b => b != IPNetwork.Parse("::/96")))
        {
            writer.Remove(block);
        }

        return (writer.ToArray(), networks);
    }

    /// <summary>In networks, just beside them, and anywhere; none that is special.</summary>
    private IEnumerable<(bool IsIpv4, UInt128 Address)> Addresses(List<GeoNetwork> networks, bool isIpv4)
    {
        int width = isIpv4 ? 32 : 128;
        GeoNetwork[] family = [.. networks.Where(n => n.IsIpv4 == isIpv4)];
        for (int found = 0; found < AddressesPerFamily;)
        {
            GeoNetwork network = family[_random.Next(family.Length)];
            UInt128 address = _random.Next(8) switch
            {
                0 => network.Address - 1,
                1 => network.Address + (UInt128.One << (width - network.Bits)),
                2 when isIpv4 => (uint)_random.NextInt64(),
                2 => ((UInt128)(0x2000_0000_0000_0000 | ((ulong)_random.NextInt64() >> 2)) << 64) | (ulong)_random.NextInt64(),
                _ => Within(network),
            };
            address = isIpv4 ? (uint)address : address;
            if (!SpecialPrefixes.Contain(isIpv4, address, width))
            {
                found++;
                yield return (isIpv4, address);
            }
        }
    }

    private UInt128 Within(GeoNetwork network)
    {
        int hostBits = (network.IsIpv4 ? 32 : 128) - network.Bits;
        UInt128 random = new((ulong)_random.NextInt64() << 1, (ulong)_random.NextInt64() << 1 | 1);
        return network.Address | (random & ((UInt128.One << hostBits) - 1));
    }

    private PrefixOverride RandomOverride(List<GeoNetwork> networks)
    {
        GeoNetwork network = networks[_random.Next(networks.Count)];
        int bits = Math.Clamp(network.Bits - 2 + _random.Next(8), 4, network.IsIpv4 ? 32 : 64);
        string[] pops = [.. Pops.Select(p => p.Id).OrderBy(_ => _random.Next()).Take(1 + _random.Next(3))];
        return new PrefixOverride(
            new IPNetwork(AddressBits.ToAddress(network.IsIpv4, AddressBits.Network(network.IsIpv4, network.Address, bits)), bits), [.. pops]);
    }

    private static GeoNetwork Network(IPNetwork prefix) => new(
        prefix.BaseAddress.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork, AddressBits.Of(prefix.BaseAddress), prefix.PrefixLength, GeoRecord.Nothing);

    private readonly record struct Count(int Networks, int SameList, int SameScope, int Wider, int Narrower)
    {
        public Count With(bool isSameList, int bits) => new(
            Networks + 1, SameList + (isSameList ? 1 : 0), SameScope + (bits == 0 ? 1 : 0), Wider + (bits < 0 ? 1 : 0), Narrower + (bits > 0 ? 1 : 0));

        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture, $"{Networks} networks, {SameList} with the same list, {SameScope} with the same scope, {Wider} wider, {Narrower} narrower");
    }
}
