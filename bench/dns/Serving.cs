using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using OrleansCdn.Contracts.Dns;
using OrleansCdn.Dns.Answering;
using OrleansCdn.Dns.Dnssec;
using OrleansCdn.Dns.Geo;
using OrleansCdn.Dns.Server;
using OrleansCdn.Dns.Steering;
using OrleansCdn.Dns.Wire;
using OrleansCdn.Dns.Zones;

namespace OrleansCdn.Bench.DnsServing;

/// <summary>One zone with one steered name on one thread. When it is told to end it says what a query has cost.</summary>
internal static class Serving
{
    private const string Zone = "cdn.example.net";

    private static readonly ImmutableArray<SteeringPop> Pops =
        [new("waw", 52.23, 21.01), new("lax", 34.05, -118.24), new("grr", 42.96, -85.67)];

    public static async Task<int> RunAsync(int port, string database, string[] options)
    {
        bool isSigned = options.Contains("signed");
        var data = new DnsData
        {
            Zones = new ZoneTable(new ServedZone(Compile(), isSigned, isSigned ? Signer() : null)),
            Steering = Steering(database),
        };
        var settings = new DnsServerOptions
        {
            UdpThreads = 1,
            RateLimit = options.Contains("limited") ? new() { ResponsesPerSecond = 10_000, Window = 3600 } : null,
            LogSampleBits = options.Contains("log") ? 10 : -1,
        };
        var stop = new TaskCompletionSource();
        using PosixSignalRegistration signal = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            stop.TrySetResult();
        });
        await using var server = new DnsServer(new DnsDataSource(data), settings, TimeProvider.System);
        await server.ListenAsync([new IPEndPoint(IPAddress.Loopback, port)]);
        long before = GC.GetTotalAllocatedBytes();
        await stop.Task;

        ImmutableArray<long> counts = server.Counts;
        double queries = counts[(int)ServerCount.UdpQueries];
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{queries:0} queries, {counts[(int)ServerCount.UdpAnswers]} answers, {counts[(int)ServerCount.UdpCalls] / queries:0.000} system calls and {(GC.GetTotalAllocatedBytes() - before) / queries:0.000} bytes allocated a query, {counts[(int)ServerCount.QueueOverflows]} dropped by the kernel"));
        return 0;
    }

    private static Zone Compile()
    {
        PopRecords Records(byte last) => new(RrSet.Of(DnsType.A, 60, [[192, 0, 2, last]]));
        var source = new ZoneSource
        {
            Name = Zone,
            Nameservers = ["ns1.example.net", "ns2.example.net"],
            Serial = 1,
            Ttl = 60,
            NegativeTtl = 60,
            Records = "",
            Steered = [new SteeredSource("www", new SteeredName([Records(1), Records(2), Records(3)], 60))],
        };
        CompiledZone compiled = ZoneCompiler.Compile(source)[0];
        return compiled.Zone ?? throw new InvalidOperationException(string.Join('\n', compiled.Mistakes));
    }

    private static SteeringTable Steering(string file)
    {
        GeoReadResult read = GeoDatabase.Read(File.ReadAllBytes(file));
        SteeringCompilation compilation = SteeringCompiler.Compile(new SteeringInputs
        {
            Policy = new SteeringPolicy
            {
                Pops = Pops,
                Rules =
                [
                    new() { Name = "europe", Continent = GeoCode.Parse("EU"), Pops = ["waw"] },
                    new() { Name = "us", Countries = [GeoCode.Parse("US")], Pops = ["grr"] },
                    new() { Name = "asia", Continent = GeoCode.Parse("AS"), Pops = ["lax"] },
                ],
            },
            Databases = new GeoDatabases(read.Database ?? throw new InvalidDataException($"{file} {read.Error}"), null),
            Now = TimeProvider.System.GetUtcNow(),
        });
        return compilation.Table ?? throw new InvalidOperationException(compilation.Error);
    }

    private static OnlineSigner Signer()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        ECParameters parameters = key.ExportParameters(includePrivateParameters: true);
        var zoneKey = new ZoneKey
        {
            Flags = 257,
            PublicKey = Convert.ToBase64String([.. parameters.Q.X!, .. parameters.Q.Y!]),
            PrivateKey = Convert.ToBase64String(parameters.D!),
            SignsKeys = true,
            SignsZone = true,
        };
        return new OnlineSigner(NameText.Parse(Zone), new ZoneKeys { Zone = Zone, Keys = [zoneKey] }, new SigningMeans(TimeProvider.System));
    }
}
