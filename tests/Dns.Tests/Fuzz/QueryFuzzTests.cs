using OrleansCdn.Dns.Answering;
using OrleansCdn.Dns.Edns;
using OrleansCdn.Dns.Steering;
using OrleansCdn.Dns.Tests.Kit;
using OrleansCdn.Dns.Zones;
using OrleansCdn.Testing;
using Xunit.Abstractions;

namespace OrleansCdn.Dns.Tests.Fuzz;

/// <summary>Whatever arrives: no answer or one that a strict reader takes, within its limit, and without a byte of new memory.</summary>
public sealed class QueryFuzzTests(ITestOutputHelper output)
{
    private const string Corpus = "dns-query";
    private const int Packets = 1_000_000;

    [Fact]
    public void Damaged_queries_are_answered_within_bounds_and_without_memory()
    {
        TestServer server = Server();
        byte[] response = new byte[Responder.MaxTcpLength];
        int answered = 0, refused = 0, wellFormed = 0;
        byte[][] whole = [.. Kept().Select(FuzzInput.Octets)];
        foreach (byte[] kept in whole)
        {
            server.Raw(kept);
        }

        FuzzInput.Run(Corpus, Kept(), (text, random) =>
        {
            byte[] query = random.Next(2) == 0 ? FuzzInput.Octets(text) : Overwritten(whole[random.Next(whole.Length)], random);
            bool isTcp = random.Next(4) == 0;
            QuerySource from = TestServer.From(random.Next(2) == 0 ? "198.51.100.7" : "2001:db8::7", isTcp);
            int room = isTcp ? response.Length : Responder.MaxUdpLength;

            long before = GC.GetAllocatedBytesForCurrentThread();
            int length = server.Responder.Respond(query, from, response.AsSpan(0, room));
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

            // A collection in between counts what it takes of the thread's allocation context: then the next try tells.
            Assert.True(allocated == 0 || Allocations.Of(() => server.Responder.Respond(query, from, response.AsSpan(0, room))) == 0, $"{allocated} bytes were allocated");
            Assert.InRange(length, 0, room);
            if (length == 0)
            {
                Assert.True(query.Length < 12 || (query[2] & 0x80) != 0, "a query was left without answer");
                return;
            }

            answered++;
            SeenMessage seen = SeenMessage.Read(response.AsSpan(0, length));
            Assert.Equal((query[0] << 8) | query[1], seen.Id);
            refused += seen.Rcode is not (0 or 1 or 3) ? 1 : 0;
            wellFormed += seen.Rcode is 0 or 3 ? 1 : 0;
        }, least: Packets);
        output.WriteLine($"{answered} answers, {wellFormed} of them NOERROR or NXDOMAIN, {refused} neither these nor FORMERR");
        Assert.True(answered > 0 && wellFormed > 0, "nothing was answered: the corpus shows nothing");
    }

    /// <summary>No octet more or less: most that is cut or longer is a FORMERR at once, and gets no further.</summary>
    private static byte[] Overwritten(byte[] kept, Random random)
    {
        byte[] query = [.. kept];
        for (int i = random.Next(1, 4); i > 0 && query.Length > 0; i--)
        {
            ref byte octet = ref query[random.Next(query.Length)];
            octet = random.Next(2) == 0 ? (byte)(octet ^ (1 << random.Next(8))) : (byte)random.Next(256);
        }

        return query;
    }

    private static string[] Kept() => [.. FuzzInput.Read(Corpus).Select(hex => FuzzInput.Text(Convert.FromHexString(hex.Trim())))];

    private static TestServer Server()
    {
        SteeredName www = TestServer.Pops(TestServer.Pop("192.0.2.1", "2001:db8::1"), TestServer.Pop("192.0.2.2", "2001:db8::2"));
        return new TestServer(new DnsData
        {
            Zones = new ZoneTable(new ServedZone(TestServer.Compile(TestServer.Records, new SteeredSource("www", www)), IsSigned: true, new WideSigner())),
            Steering = SteeringCompiler.Compile(new SteeringInputs
            {
                Policy = new SteeringPolicy { Pops = [new SteeringPop("waw", 52.2, 21.0), new SteeringPop("lax", 34.0, -118.2)], Default = ["waw", "lax"] },
                Now = DateTimeOffset.UnixEpoch,
            }).Table!,
            Nsid = "waw"u8.ToArray(),
            Cookies = new ServerCookies(new byte[16]),
            TcpIdle = 300,
        });
    }
}
