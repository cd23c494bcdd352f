using System.Globalization;
using OrleansCdn.Dns.Answering;
using OrleansCdn.Dns.Edns;
using OrleansCdn.Dns.Tests.Kit;
using OrleansCdn.Dns.Zones;

namespace OrleansCdn.Dns.Tests.Answering;

/// <summary>Of every answer: it parses, it fits what was advertised, it has EDNS if the query had, and every server gives the same one.</summary>
public sealed class PropertyTests
{
    private const int Rounds = 4000;

    private static readonly string[] s_names =
    [
        "", "mail.", "multi.", "alias.", "far.", "chain.", "nowhere.", "a.b.c.", "b.c.", "x.wild.", "x.y.wild.", "q.cwild.", "child.", "ns.child.", "secure.", "a.secure.",
        "_sip._tcp.", "svc.", "odd.", "big.", "long.", "www.", "gone.", "a.b.c.d.e.f.g.",
    ];

    private static readonly int[] s_types = [1, 2, 5, 6, 15, 16, 28, 33, 43, 46, 47, 48, 65, 255, 257, 65280, 999, 252];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_answer_parses_fits_and_is_the_same_at_every_server(bool isSigned)
    {
        int seed = int.TryParse(Environment.GetEnvironmentVariable("CDN_DNS_SEED"), NumberStyles.None, CultureInfo.InvariantCulture, out int given) ? given : 6;
        var random = new Random(seed);
        TestServer[] servers = [Server(isSigned), Server(isSigned), Server(isSigned)];
        int truncated = 0;
        for (int i = 0; i < Rounds; i++)
        {
            string name = s_names[random.Next(s_names.Length)] + (random.Next(20) == 0 ? "example.org" : "cdn.example.net");
            int type = s_types[random.Next(s_types.Length)];
            Ask ask = Ask.For(name, type);
            bool isTcp = random.Next(5) == 0;
            int size = random.Next(3) switch { 0 => random.Next(65536), 1 => 512, _ => 1232 };
            if (random.Next(4) > 0)
            {
                ask.WithEdns(size, random.Next(2) == 0);
                if (random.Next(2) == 0)
                {
                    ask.WithSubnet(random.Next(2) == 0 ? "203.0.113.0/24" : "2001:db8:5::/48");
                }

                if (random.Next(2) == 0)
                {
                    ask.WithOption(10, new byte[8]).WithOption(3);
                }
            }

            QuerySource from = TestServer.From("198.51.100.7", isTcp);
            byte[] octets = ask.Octets();
            byte[][] answers = [.. servers.Select(server => server.Raw(octets, from))];
            string told = $"seed {seed}, round {i}: {name} {type} edns {ask.Edns} tcp {isTcp}";
            Assert.True(answers[0].AsSpan().SequenceEqual(answers[1]) && answers[0].AsSpan().SequenceEqual(answers[2]), told);
            int limit = isTcp ? 65535 : ask.Edns is null ? 512 : Math.Clamp(size, 512, 1232);
            Assert.True(answers[0].Length <= limit, $"{told}: {answers[0].Length} octets");
            SeenMessage seen = SeenMessage.Read(answers[0]);
            Assert.True(seen.Opt is not null == ask.Edns is not null && seen.DnssecOk == ((ask.EdnsFlags & 0x8000) != 0), told);
            Assert.True(seen.Opt is null || (seen.Version == 0 && seen.Opt.Class == 1232), told);
            Assert.False(isTcp && seen.IsTruncated, told);
            truncated += seen.IsTruncated ? 1 : 0;
            CheckSignatures(seen, isSigned && seen.DnssecOk, told);
        }

        Assert.InRange(truncated, 1, Rounds / 2);
    }

    /// <summary>With DO of a signed zone every set but those of delegations and glue has its signature; without, none has.</summary>
    private static void CheckSignatures(SeenMessage seen, bool isWanted, string told)
    {
        IEnumerable<SeenRecord> sections = seen.Answer.Concat(seen.Authority);
        if (!isWanted || seen.Rcode == 5)
        {
            Assert.True(sections.All(r => r.Type != 46), told);
            return;
        }

        foreach (SeenRecord record in sections.Where(r => r.Type != 46 && (r.Type != 2 || seen.IsAuthoritative)))
        {
            Assert.True(
                sections.Any(r => r.Type == 46 && r.Owner == record.Owner && ((r.Octets[0] << 8) | r.Octets[1]) == record.Type), $"{told}: {record} is not signed");
        }
    }

    private static TestServer Server(bool isSigned)
    {
        SteeredName www = TestServer.Pops(TestServer.Pop("192.0.2.1", "2001:db8::1"), TestServer.Pop("192.0.2.2", null));
        string many = string.Concat(Enumerable.Range(0, 60).Select(i => $"long TXT \"{i:D3} {new string('x', 40)}\"\n"));
        return new TestServer(new DnsData
        {
            Zones = new ZoneTable(new ServedZone(
                TestServer.Compile(TestServer.Records + "\n" + many, new SteeredSource("www", www)), isSigned, isSigned ? new WideSigner() : null)),
            DefaultOrder = [1, 0],
            Nsid = "waw"u8.ToArray(),
            Cookies = new ServerCookies(new byte[16]),
        });
    }
}
