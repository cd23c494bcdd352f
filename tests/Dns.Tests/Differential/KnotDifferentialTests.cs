using OrleansCdn.Dns.Tests.Kit;
using Xunit.Abstractions;

namespace OrleansCdn.Dns.Tests.Differential;

/// <summary>The same zone file in Knot DNS and here: the same answers for all its names and types, and for names around them.</summary>
public sealed class KnotDifferentialTests(ITestOutputHelper output)
{
    private const int Soa = 6, Refused = 5;

    private static readonly int[] s_types = [1, 2, 5, 6, 12, 13, 15, 16, 28, 29, 33, 35, 43, 44, 52, 64, 65, 257, 65280, 999];

    /// <summary>What <see cref="TestServer.Records"/> lacks: nested cuts, wildcards in the way of others, names with odd octets, a loop-free chain through a wildcard.</summary>
    private const string More = """
        deep.a.child      A     192.0.2.60
        *                 TXT   "top wildcard"
        sub               A     192.0.2.61
        *.sub             CNAME x.wild
        x.*.odd2          A     192.0.2.62
        *.odd2            A     192.0.2.63
        ent.ent.ent       A     192.0.2.64
        a\.b              A     192.0.2.65
        sp\032ace         A     192.0.2.66
        cut               NS    ns.cut
        cut               NS    mail
        ns.cut            A     192.0.2.67
        tocut             CNAME www.cut
        c1                CNAME c2
        c2                CNAME c3
        c3                CNAME c4
        c4                CNAME sub
        ptr               PTR   mail
        loc               LOC   52 14 05 N 21 01 00 E 100m 1m 10000m 10m
        naptr             NAPTR 100 50 "s" "http+N2L" "" mail
        tlsa              TLSA  3 1 1 0b9fa5a5
        sshfp             SSHFP 4 2 123456789abcdef67890123456789abcdef67890123456789abcdef123456789
        hinfo             HINFO "PC" "Linux"
        svcb              SVCB  1 mail alpn="h2,h3" mandatory=alpn,port port=53 ech=AEj+ key667="x\210y"
        https0            HTTPS 0 mail
        """;

    /// <summary>What the server adds from its config.</summary>
    private const string Head = """
        $ORIGIN cdn.example.net.
        @ 30 SOA ns-waw.example.net. hostmaster.cdn.example.net. 42 7200 3600 1209600 30
        @ 3600 NS ns-waw.example.net.
        @ 3600 NS ns-lax.example.net.

        """;

    [Fact]
    public void All_names_and_types_have_the_same_answers()
    {
        string records = TestServer.Records + "\n" + More;
        var server = new TestServer(records);
        using KnotServer knot = KnotServer.Start(TestServer.Zone, Head + records);
        WaitForZone(knot);
        int compared = 0, referrals = 0, wildcards = 0, denied = 0;
        var different = new List<string>();
        foreach (byte[] name in Names(records))
        {
            foreach (int type in s_types)
            {
                byte[] query = [0x12, 0x34, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, .. name, (byte)(type >> 8), (byte)type, 0, 1];
                SeenMessage ours = SeenMessage.Read(server.Raw(query, TestServer.From(isTcp: true)));
                SeenMessage theirs = SeenMessage.Read(knot.Ask(query));
                compared++;
                referrals += ours is { IsAuthoritative: false, Authority.Count: > 0 } ? 1 : 0;
                wildcards += ours.Answer.Exists(r => r.Data.Contains("wildcard", StringComparison.Ordinal)) ? 1 : 0;
                denied += ours.Rcode == 3 ? 1 : 0;
                (string one, string other) = (Summary(ours), Summary(theirs));
                if (one != other)
                {
                    different.Add($"{ours.QuestionName} {type}:\n  ours  {one}\n  knot  {other}");
                }
            }
        }

        output.WriteLine($"{compared} answers compared with Knot DNS: {different.Count} differ ({referrals} referrals, {wildcards} of the wildcard at the top, {denied} NXDOMAIN)");
        Assert.True(different.Count == 0, string.Join('\n', different.Take(20)));
        Assert.True(compared > 4000 && referrals > 100 && wildcards > 10 && denied > 100, "the zone shows too little");
    }

    /// <summary>All that is said and binding: not the additional section of answers, which each server fills as it likes, but that of referrals.</summary>
    private static string Summary(SeenMessage seen)
    {
        bool isReferral = !seen.IsAuthoritative && seen.Authority.Count > 0;
        string[] sections =
        [
            string.Join('|', seen.Answer.Select(r => $"{r.Owner} {r.Ttl} {r.Type} {r.Data}").Order(StringComparer.Ordinal)),
            string.Join('|', seen.Authority.Select(r => $"{r.Owner} {r.Ttl} {r.Type} {r.Data}").Order(StringComparer.Ordinal)),
            isReferral ? string.Join('|', SeenMessage.Lines(seen.Additional)) : "",
        ];
        return $"rcode {seen.Rcode} aa {seen.IsAuthoritative} answer [{sections[0]}] authority [{sections[1]}] glue [{sections[2]}]";
    }

    /// <summary>All owners, every name above and some below each, and neighbours.</summary>
    private static IEnumerable<byte[]> Names(string records)
    {
        string[] owners = [.. records.Split('\n').Select(line => line.Split([' ', '\t'], 2)[0]).Where(owner => owner.Length > 0 && owner[0] is not ('$' or '@'))];
        var names = new SortedSet<string>(StringComparer.Ordinal) { "" };
        foreach (string owner in owners.Where(owner => !owner.Contains('\\', StringComparison.Ordinal)))
        {
            for (string rest = owner; ; rest = rest[(rest.IndexOf('.', StringComparison.Ordinal) + 1)..])
            {
                names.UnionWith([rest + ".", "q." + rest + ".", "*." + rest + ".", "q.r." + rest + ".", "z" + rest + "."]);
                if (!rest.Contains('.', StringComparison.Ordinal))
                {
                    break;
                }
            }
        }

        byte[][] odd = [[3, (byte)'a', (byte)'.', (byte)'b', .. Ask.NameOctets(TestServer.Zone)], [6, .. "sp ace"u8, .. Ask.NameOctets(TestServer.Zone)]];
        return names.Select(name => Ask.NameOctets(name + TestServer.Zone)).Concat(odd);
    }

    private static void WaitForZone(KnotServer knot)
    {
        byte[] query = Ask.For(TestServer.Zone, Soa).Octets();
        for (int i = 0; i < 1000; i++)
        {
            SeenMessage seen = SeenMessage.Read(knot.Ask(query));
            if (seen.Rcode == 0)
            {
                return;
            }

            Assert.True(seen.Rcode is Refused or 2, $"knotd says {seen.Rcode}");
            Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System).Wait();
        }

        Assert.Fail("knotd does not load the zone");
    }
}
