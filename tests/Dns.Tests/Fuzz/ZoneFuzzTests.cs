using OrleansCdn.Dns.Answering;
using OrleansCdn.Dns.Tests.Kit;
using OrleansCdn.Dns.Zones;
using OrleansCdn.Testing;

namespace OrleansCdn.Dns.Tests.Fuzz;

/// <summary>Whatever is written as a zone: one that can be answered for, or words that say where it is wrong.</summary>
public sealed class ZoneFuzzTests
{
    /// <summary>Reading a zone, compiling it and asking it takes as long as many packets.</summary>
    private const int Share = 2;

    /// <summary>Bytes of memory for each octet of text, and to begin with: records of a few octets have names of up to 255.</summary>
    private const int PerOctet = 4000;
    private const int AtLeast = 4_000_000;

    [Fact]
    public void A_zones_text_is_a_zone_or_says_why_not()
    {
        int usable = 0;
        string[] kept = FuzzInput.Read("dns-zone");
        FuzzInput.Run("dns-zone", kept, (text, random) =>
        {
            SteeredSource[] steered = random.Next(4) == 0 ? [new SteeredSource("www", TestServer.Pops(TestServer.Pop("192.0.2.1", null)))] : [];
            long before = GC.GetAllocatedBytesForCurrentThread();
            CompiledZone compiled = ZoneCompiler.Compile(TestServer.Text(text, steered))[0];
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, AtLeast + ((long)PerOctet * text.Length));

            Assert.Equal(compiled.HasErrors, compiled.Mistakes.Any(mistake => !mistake.IsWarning));
            Assert.All(compiled.Mistakes, mistake => Assert.DoesNotContain(mistake.ToString(), char.IsControl));
            if (compiled.Zone is Zone zone)
            {
                usable++;
                AskAll(zone);
            }
        }, Share);
        Assert.True(usable > 0, "nothing was usable: the corpus shows nothing");
    }

    /// <summary>Every name of it is answered in a form that can be read.</summary>
    private static void AskAll(Zone zone)
    {
        var server = new TestServer(new DnsData { Zones = new ZoneTable(new ServedZone(zone)) });
        foreach (ZoneNode node in zone.Nodes)
        {
            foreach (int type in (int[])[1, 255, .. node.Types.Select(type => (int)type)])
            {
                byte[] query = [0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, .. node.Name.Span, (byte)(type >> 8), (byte)type, 0, 1];
                SeenMessage seen = SeenMessage.Read(server.Raw(query, TestServer.From(isTcp: true)));
                Assert.True(seen.Rcode == 0 || (seen.Rcode == 3 && seen.Answer.Count > 0), $"{seen.QuestionName} {type} is {seen.Rcode}");
            }
        }
    }
}
