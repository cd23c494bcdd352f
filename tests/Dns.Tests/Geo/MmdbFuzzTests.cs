using System.Globalization;
using OrleansCdn.Dns.Geo;
using OrleansCdn.Dns.Steering;
using OrleansCdn.Testing;
using Xunit.Abstractions;

namespace OrleansCdn.Dns.Tests.Geo;

/// <summary>Damaged databases of tests/corpus/mmdb: each is refused with a reason, or can be looked up in, walked and compiled.</summary>
public sealed class MmdbFuzzTests(ITestOutputHelper output)
{
    /// <summary>A file of at most some kilobytes: what is kept of it is a few times that, and a fixed part.</summary>
    private const long MostAllocated = 4L << 20;

    [Fact]
    public void Whatever_a_file_says_it_is_refused_or_of_use()
    {
        int refused = 0;
        int used = 0;
        string[] kept = FuzzInput.Read("mmdb");
        FuzzInput.Run("mmdb", (text, random) =>
        {
            byte[] file = random.Next(2) == 0 ? FuzzInput.Octets(text) : Flipped(kept[random.Next(kept.Length)], random);
            long before = GC.GetAllocatedBytesForCurrentThread();
            GeoReadResult read = GeoDatabase.Read(file);
            Assert.True(read.Error is null != read.Database is null);
            if (read.Database is not { } database)
            {
                refused++;
                Assert.DoesNotContain(read.Error!, char.IsControl);
                Assert.InRange(read.Error!.Length, 1, 500);
            }
            else
            {
                used++;
                Use(database, random);
            }

            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MostAllocated);
        });
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{used} of use, {refused} refused"));
        Assert.True(used > 200 && refused > 200, "the cases were all alike");
    }

    /// <summary>Bits are turned where they are: what moves octets breaks nearly every file before it can be used.</summary>
    private static byte[] Flipped(string kept, Random random)
    {
        byte[] file = FuzzInput.Octets(kept);
        for (int flips = 1 + random.Next(6); flips > 0; flips--)
        {
            file[random.Next(file.Length)] ^= (byte)(1 << random.Next(8));
        }

        return file;
    }

    private static void Use(GeoDatabase database, Random random)
    {
        foreach (bool isIpv4 in new[] { true, false })
        {
            for (int i = 0; i < 4; i++)
            {
                UInt128 address = isIpv4 ? (uint)random.NextInt64() : new UInt128((ulong)random.NextInt64(), (ulong)random.NextInt64());
                GeoRecord found = database.Find(isIpv4, address, out int bits);
                Assert.InRange(bits, 0, isIpv4 ? 32 : 128);
                database.Organization(found);
            }

            long networks = database.Networks(isIpv4).LongCount();
            Assert.InRange(networks, 0, 8L * (database.Metadata.NodeCount + 1));
        }

        SteeringCompilation compiled = SteeringCompiler.Compile(new SteeringInputs
        {
            Policy = new SteeringPolicy { Pops = [new SteeringPop("waw", 52, 21), new SteeringPop("lax", 34, -118)], Rules = [new SteeringRule { Name = "7", Asns = [7], Pops = ["lax"] }] },
            Databases = new GeoDatabases(database, database),
            Now = DateTimeOffset.UnixEpoch,
        });
        Assert.NotNull(compiled.Table);
        compiled.Table.Explain(true, (uint)random.NextInt64(), 24);
    }
}
