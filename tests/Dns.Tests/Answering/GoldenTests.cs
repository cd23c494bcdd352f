using OrleansCdn.Dns.Answering;
using OrleansCdn.Dns.Tests.Kit;
using OrleansCdn.Dns.Wire;

namespace OrleansCdn.Dns.Tests.Answering;

/// <summary>Packets written by hand, octet by octet: nothing of the server has made them.</summary>
public sealed class GoldenTests
{
    /// <summary>A of mail.cdn.example.net, RD set.</summary>
    private const string PlainQuery = "1234 0100 0001 0000 0000 0000" + "04 6d61696c 03 63646e 07 6578616d706c65 03 6e6574 00 0001 0001";

    /// <summary>The same with OPT: 4,096 octets, DO, client subnet 203.0.113.0/24, cookie of the client, NSID, an option that nobody knows.</summary>
    private const string FullQuery = "1234 0100 0001 0000 0000 0001" + "04 6d61696c 03 63646e 07 6578616d706c65 03 6e6574 00 0001 0001"
        + "00 0029 1000 00 00 8000 0023" + "0008 0007 0001 18 00 cb0071" + "000a 0008 0102030405060708" + "0003 0000" + "fde9 0004 deadbeef";

    private readonly TestServer _server = new();

    public static TheoryData<string, string, string> Packets => new()
    {
        {
            "A, with RD repeated and the owner a pointer to the question",
            PlainQuery,
            "1234 8500 0001 0001 0000 0000 04 6d61696c 03 63646e 07 6578616d706c65 03 6e6574 00 0001 0001 c00c 0001 0001 0000012c 0004 c0000219"
        },
        {
            "OPT: own size, version 0, DO repeated; client subnet with scope 0; NSID; the unknown option is not there, and without secret no cookie",
            FullQuery,
            "1234 8500 0001 0001 0000 0001 04 6d61696c 03 63646e 07 6578616d706c65 03 6e6574 00 0001 0001 c00c 0001 0001 0000012c 0004 c0000219"
            + "00 0029 04d0 00 00 8000 0012 0008 0007 0001 18 00 cb0071 0003 0003 776177"
        },
        {
            "EDNS 1: BADVERS is 16, of which 1 stands in OPT; version 0",
            "1234 0000 0001 0000 0000 0001 00 0006 0001 00 0029 1000 00 01 0000 0000",
            "1234 8000 0001 0000 0000 0001 00 0006 0001 00 0029 04d0 01 00 0000 0000"
        },
        {
            "Flags of EDNS that nobody knows are not repeated, nor AA, TC, RA, Z and AD of the header; CD is",
            "1234 06f0 0001 0000 0000 0001 00 0006 0001 00 0029 1000 00 00 7fff 0000",
            "1234 8015 0001 0000 0000 0001 00 0006 0001 00 0029 04d0 00 00 0000 0000"
        },
        {
            "NXDOMAIN of x.cdn.example.net: SOA with pointers in its names",
            "0000 0000 0001 0000 0000 0000 01 78 03 63646e 07 6578616d706c65 03 6e6574 00 0001 0001",
            "0000 8403 0001 0000 0001 0000 01 78 03 63646e 07 6578616d706c65 03 6e6574 00 0001 0001"
            + "c00e 0006 0001 0000001e 002a 06 6e732d776177 c012 0a 686f73746d6173746572 c00e 0000002a 00001c20 00000e10 00127500 0000001e"
        },
        { "Opcode STATUS is not implemented, and nothing is read behind the header", "1234 1100 0001 0000 0000 0000 ff", "1234 9104 0000 0000 0000 0000" },
        { "No question", "1234 0000 0000 0000 0000 0000", "1234 8001 0000 0000 0000 0000" },
        { "Two questions", "1234 0000 0002 0000 0000 0000 00 0006 0001 00 0006 0001", "1234 8001 0000 0000 0000 0000" },
        { "An octet too many", "1234 0000 0001 0000 0000 0000 00 0006 0001 00", "1234 8001 0001 0000 0000 0000 00 0006 0001" },
        { "A pointer in the question", "1234 0000 0001 0000 0000 0000 c00c 0006 0001", "1234 8001 0000 0000 0000 0000" },
        {
            "Two OPT records", "1234 0000 0001 0000 0000 0002 00 0006 0001 00 0029 1000 00 00 0000 0000 00 0029 1000 00 00 0000 0000",
            "1234 8001 0001 0000 0000 0001 00 0006 0001 00 0029 04d0 00 00 0000 0000"
        },
        { "An answer in a query", "1234 0000 0001 0001 0000 0000 00 0006 0001 00 0001 0001 00000000 0000", "1234 8001 0000 0000 0000 0000" },
        { "AXFR", "1234 0000 0001 0000 0000 0000 00 00fc 0001", "1234 8005 0001 0000 0000 0000 00 00fc 0001" },
        { "Class ANY", "1234 0000 0001 0000 0000 0000 00 0006 00ff", "1234 8005 0001 0000 0000 0000 00 0006 00ff" },
        { "OPT as a type", "1234 0000 0001 0000 0000 0000 00 0029 0001", "1234 8001 0001 0000 0000 0000 00 0029 0001" },
        {
            "id.server TXT CH is the NSID",
            "1234 0000 0001 0000 0000 0000 02 6964 06 736572766572 00 0010 0003",
            "1234 8400 0001 0001 0000 0000 02 6964 06 736572766572 00 0010 0003 c00c 0010 0003 00000000 0004 03 776177"
        },
        {
            "version.bind TXT CH is nobody's business",
            "1234 0000 0001 0000 0000 0000 07 76657273696f6e 04 62696e64 00 0010 0003",
            "1234 8005 0001 0000 0000 0000 07 76657273696f6e 04 62696e64 00 0010 0003"
        },
    };

    [Theory]
    [MemberData(nameof(Packets))]
    public void A_query_has_its_answer(string why, string query, string answer)
    {
        Assert.NotEmpty(why);
        Assert.Equal(Convert.ToHexString(Octets(answer)), Convert.ToHexString(_server.Raw(Octets(query))));
    }

    [Fact]
    public void A_response_is_not_answered()
    {
        byte[] query = Octets(PlainQuery);
        query[2] |= 0x80;

        Assert.Empty(_server.Raw(query));
        Assert.Equal(1, _server.Counters[DnsCount.Ignored]);
    }

    [Theory]
    [InlineData(PlainQuery)]
    [InlineData(FullQuery)]
    public void Every_truncation_is_ignored_or_a_format_error(string text)
    {
        byte[] query = Octets(text);
        for (int length = 0; length < query.Length; length++)
        {
            byte[] answer = _server.Raw(query.AsSpan(0, length));
            if (length < 12)
            {
                Assert.Empty(answer);
            }
            else
            {
                Assert.Equal((int)DnsRcode.FormErr, SeenMessage.Read(answer).Rcode);
            }
        }

        Assert.Equal((12, query.Length - 12), (_server.Counters[DnsCount.Ignored], _server.Counters[DnsCount.Malformed]));
    }

    internal static byte[] Octets(string text) => Convert.FromHexString(text.Replace(" ", "", StringComparison.Ordinal));
}
