using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using OrleansCdn.Dns.Geo;
using OrleansCdn.Dns.Steering;

// What steering costs with real databases: reading them, compiling the chain, looking up. Times are this process's on a processor, so that
// a busy machine gives the same.
if (args is not [string country, .. var rest])
{
    Console.Error.WriteLine("usage: COUNTRY.mmdb [ASN.mmdb] [lookups]");
    return 2;
}

TimeProvider time = TimeProvider.System;
string? asn = rest.FirstOrDefault(a => !char.IsAsciiDigit(a[0]));
int lookups = rest.Where(a => char.IsAsciiDigit(a[0])).Select(a => int.Parse(a, CultureInfo.InvariantCulture)).FirstOrDefault(20_000_000);
long before = GC.GetTotalMemory(true);
TimeSpan begin = Environment.CpuUsage.TotalTime;
var databases = new GeoDatabases(Read(country), asn is null ? null : Read(asn));
Say($"read: {(Environment.CpuUsage.TotalTime - begin).TotalMilliseconds:0} ms, {(GC.GetTotalMemory(true) - before) / 1048576.0:0.0} MiB live; {databases.Country!.Metadata.NodeCount} and {databases.Asn?.Metadata.NodeCount ?? 0} nodes");

ImmutableArray<SteeringPop> three = [new("waw", 52.23, 21.01), new("lax", 34.05, -118.24), new("grr", 42.96, -85.67)];
ImmutableArray<SteeringPop> twenty =
[
    .. three, new("fra", 50.11, 8.68), new("lhr", 51.5, -0.1), new("mad", 40.4, -3.7), new("sto", 59.3, 18.1), new("iad", 38.9, -77.0),
    new("mia", 25.8, -80.2), new("dfw", 32.8, -96.8), new("sea", 47.6, -122.3), new("gru", -23.5, -46.6), new("scl", -33.4, -70.7),
    new("jnb", -26.2, 28.0), new("bom", 19.1, 72.9), new("sin", 1.35, 103.8), new("hkg", 22.3, 114.2), new("nrt", 35.7, 139.7),
    new("syd", -33.9, 151.2), new("dxb", 25.2, 55.3),
];
ImmutableArray<SteeringRule> rules =
[
    new() { Name = "europe", Continent = GeoCode.Parse("EU"), Pops = ["waw"] },
    new() { Name = "us-isp", Countries = [GeoCode.Parse("US")], Asns = [7922, 7018, 701], Pops = ["grr"] },
    new() { Name = "asia", Continent = GeoCode.Parse("AS"), Pops = ["lax"] },
];
Measure("3 PoPs, 3 rules", new SteeringPolicy { Pops = three, Rules = rules });
Measure("3 PoPs, distance", new SteeringPolicy { Pops = three });
Measure("20 PoPs, distance", new SteeringPolicy { Pops = twenty });
Measure("20 PoPs, distance, loads", new SteeringPolicy { Pops = twenty }, [.. Enumerable.Range(0, 20).Select(i => i * 5)]);
return 0;

void Measure(string name, SteeringPolicy policy, ImmutableArray<int> loads = default)
{
    var inputs = new SteeringInputs { Policy = policy, Databases = databases, Now = time.GetUtcNow(), Loads = loads.IsDefault ? [] : loads };
    GC.Collect();
    long allocated = GC.GetTotalAllocatedBytes(true);
    TimeSpan start = Environment.CpuUsage.TotalTime;
    SteeringCompilation compilation = SteeringCompiler.Compile(inputs);
    TimeSpan compiling = Environment.CpuUsage.TotalTime - start;
    allocated = GC.GetTotalAllocatedBytes(true) - allocated;
    SteeringTable table = compilation.Table ?? throw new InvalidOperationException(compilation.Error);
    Say($"{name}: compiled in {compiling.TotalMilliseconds:0} ms ({allocated / 1048576.0:0.0} MiB allocated), {table.Lists.Length} lists, {table.Bytes / 1024.0:0} KiB");
    Time($"{name}: IPv4 /24", table, true, 24, random => (uint)random.NextInt64() & 0xFFFFFF00);
    Time($"{name}: IPv6 /56", table, false, 56, random => ((UInt128)(0x2000_0000_0000_0000 | ((ulong)random.NextInt64() >> 3)) << 64) & (UInt128.MaxValue << 72));
}

void Time(string name, SteeringTable table, bool isIpv4, int bits, Func<Random, UInt128> next)
{
    // Drawn beforehand, and more than a cache of the processor holds.
    var random = new Random(1);
    var addresses = new UInt128[1 << 20];
    for (int i = 0; i < addresses.Length; i++)
    {
        addresses[i] = next(random);
    }

    long sum = 0;
    for (int round = 0; round < 2; round++)
    {
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        TimeSpan start = Environment.CpuUsage.TotalTime;
        for (int i = 0; i < lookups; i++)
        {
            sum += table.Choose(isIpv4, addresses[i & (addresses.Length - 1)], bits, out int scope).List + scope;
        }

        TimeSpan elapsed = Environment.CpuUsage.TotalTime - start;
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        if (round == 1)
        {
            Say($"{name}: {elapsed.TotalNanoseconds / lookups:0.0} ns a lookup, {allocated} bytes allocated in {lookups} (sum {sum})");
        }
    }
}

static GeoDatabase Read(string path)
{
    GeoReadResult read = GeoDatabase.Read(File.ReadAllBytes(path));
    return read.Database ?? throw new InvalidDataException($"{path} {read.Error}");
}

static void Say(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
