using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using OrleansCdn.Dns.Answering;
using OrleansCdn.Dns.Dnssec;
using OrleansCdn.Dns.Edns;
using OrleansCdn.Dns.Server;
using OrleansCdn.Dns.Tests.Dnssec;
using OrleansCdn.Dns.Tests.Kit;
using OrleansCdn.Dns.Wire;
using OrleansCdn.Dns.Zones;

namespace OrleansCdn.Dns.Tests.Server;

/// <summary>BIND's dig and Knot's kdig ask a server over sockets, as ISC's compliance tests and RFC 8906 have them ask.</summary>
public sealed class RealClientTests : IAsyncLifetime, IAsyncDisposable
{
    private const string Zone = TestServer.Zone;

    private DnsServer _server = null!;

    public async Task InitializeAsync()
    {
        var signer = TestKeys.Signer(NameText.Parse(Zone), new SigningMeans(TimeProvider.System), TestKeys.Csk());
        var data = new DnsData
        {
            Zones = new ZoneTable(new ServedZone(TestServer.Compile(TestServer.Records), IsSigned: true, signer)),
            Nsid = "waw"u8.ToArray(),
            Cookies = new ServerCookies(new byte[16]),
            TcpIdle = 100,
        };
        _server = new DnsServer(new DnsDataSource(data), new DnsServerOptions { UdpThreads = 2 }, TimeProvider.System);
        await _server.ListenAsync([new IPEndPoint(IPAddress.IPv6Any, 0)]);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    async Task IAsyncLifetime.DisposeAsync() => await DisposeAsync();

    /// <summary>The eight queries of kb.isc.org/docs/edns-compatibility-dig-queries, and what is expected of each.</summary>
    [Theory]
    [InlineData("+norec +noedns soa", "NOERROR", "soa !opt")]
    [InlineData("+norec +edns=0 soa", "NOERROR", "soa opt")]
    [InlineData("+norec +edns=100 +noednsneg soa", "BADVERS", "!soa opt")]
    [InlineData("+norec +ednsopt=100 soa", "NOERROR", "soa opt !echo")]
    [InlineData("+norec +ednsflags=0x80 soa", "NOERROR", "soa opt !mbz")]
    [InlineData("+norec +dnssec soa", "NOERROR", "soa opt do")]
    [InlineData("+norec +dnssec +bufsize=512 +ignore dnskey", "NOERROR", "opt do small")]
    [InlineData("+norec +edns=100 +noednsneg +ednsopt=100 soa", "BADVERS", "!soa opt !echo")]
    public Task Edns_is_as_isc_has_it(string options, string status, string expected) => DigAsync(options, status, expected);

    /// <summary>RFC 8906 §8, in its order. The last ones are of the ISC tool's newer set.</summary>
    [Theory]
    [InlineData("+noedns +noad +norec soa", "NOERROR", "soa !opt aa !ad")]
    [InlineData("+noedns +noad +norec type1000", "NOERROR", "empty !opt aa")]
    [InlineData("+noedns +noad +norec +cd soa", "NOERROR", "soa aa")]
    [InlineData("+noedns +noad +norec +zflag soa", "NOERROR", "soa aa !mbz")]
    [InlineData("+noedns +norec +ad soa", "NOERROR", "soa aa")]
    [InlineData("+noedns +noad +rec soa", "NOERROR", "soa aa !ra")]
    [InlineData("+noedns +noad +opcode=15 +norec +header-only", "NOTIMP", "!soa !aa")]
    [InlineData("+noedns +noad +norec +tcp soa", "NOERROR", "soa aa")]
    [InlineData("+edns=0 +nocookie +noad +norec soa", "NOERROR", "soa opt aa")]
    [InlineData("+edns=1 +noednsneg +nocookie +noad +norec soa", "BADVERS", "!soa opt")]
    [InlineData("+edns=0 +nocookie +noad +norec +ednsopt=100 soa", "NOERROR", "soa opt !echo")]
    [InlineData("+edns=0 +nocookie +noad +norec +ednsflags=0x40 soa", "NOERROR", "soa opt !mbz")]
    [InlineData("+edns=1 +noednsneg +nocookie +noad +norec +ednsflags=0x40 soa", "BADVERS", "!soa opt !mbz")]
    [InlineData("+edns=1 +noednsneg +nocookie +noad +norec +ednsopt=100 soa", "BADVERS", "!soa opt !echo")]
    [InlineData("+edns=0 +nocookie +noad +norec +dnssec soa", "NOERROR", "soa opt do")]
    [InlineData("+edns=1 +noednsneg +nocookie +noad +norec +dnssec soa", "BADVERS", "!soa opt")]
    [InlineData("+edns=0 +noad +norec +cookie +nsid +expire +subnet=0.0.0.0/0 soa", "NOERROR", "soa opt cookie nsid")]
    [InlineData("+noad +norec +dnssec +tcp dnskey", "NOERROR", "opt do")]
    [InlineData("+noad +norec +dnssec +cookie soa", "NOERROR", "soa opt do cookie")]
    public Task Servers_communicate_as_rfc_8906_has_it(string options, string status, string expected) => DigAsync(options, status, expected);

    /// <summary>Another implementation's reading of the same.</summary>
    [Theory]
    [InlineData("+norec +noedns SOA", "NOERROR", "AUTHORITY: 0")]
    [InlineData("+norec +edns=1 SOA", "BADVERS", "ANSWER: 0")]
    [InlineData("+norec +edns=0 +ednsopt=100 SOA", "NOERROR", "ANSWER: 1")]
    [InlineData("+norec +dnssec SOA", "NOERROR", "ANSWER: 2")]
    [InlineData("+norec +nsid SOA", "NOERROR", "NSID: 776177 \"waw\"")]
    [InlineData("+norec +cookie +badcookie SOA", "NOERROR", "COOKIE:")]
    [InlineData("+norec +bufsize=512 +dnssec +ignore DNSKEY", "NOERROR", "DO")]
    [InlineData("+norec +tcp +keepopen +padding=128 SOA", "NOERROR", "(TCP)")]
    [InlineData("+norec TYPE1000", "NOERROR", "ANSWER: 0")]
    public async Task Knots_client_sees_the_same(string options, string status, string line)
    {
        string output = await Tool.OutputAsync("kdig", ["@127.0.0.1", "-p", Port, "+time=5", "+retry=0", Zone, .. options.Split(' ')]);
        Assert.True(Regex.IsMatch(output, $"status: {status}[;,]"), output);
        Assert.Contains(line, output, StringComparison.Ordinal);
        Assert.DoesNotContain(";; WARNING", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keepalive_is_said_over_tcp_alone()
    {
        string tcp = await Tool.OutputAsync("dig", ["@::1", "-p", Port, "+tries=1", "+keepalive", "+tcp", Zone, "soa"]);
        string udp = await Tool.OutputAsync("dig", ["@::1", "-p", Port, "+tries=1", "+keepalive", Zone, "soa"]);

        Assert.Matches("KEEPALIVE: 10.0 secs", tcp);
        Assert.DoesNotContain("KEEPALIVE", udp, StringComparison.Ordinal);
        Assert.Contains("status: NOERROR", udp, StringComparison.Ordinal);
    }

    private string Port => _server.Endpoints[0].Port.ToString(CultureInfo.InvariantCulture);

    private async Task DigAsync(string options, string status, string expected)
    {
        string output = await Tool.OutputAsync("dig", ["@127.0.0.1", "-p", Port, "+time=5", "+tries=1", "+qr", "-q", Zone, .. options.Split(' ')]);

        // What dig asks stands first; the answer is what follows.
        int end = output.IndexOf("Got answer", StringComparison.Ordinal);
        Assert.True(end > 0, output);
        (string query, string answer) = (output[..end], output[end..]);
        Assert.True(Regex.IsMatch(answer, $"status: {status},"), answer);
        foreach (string one in expected.Split(' '))
        {
            bool isThere = Regex.IsMatch(answer, Pattern(one.TrimStart('!')));
            Assert.True(isThere != one.StartsWith('!'), $"{one}\n{answer}");
            if (one is "!echo" or "!mbz")
            {
                Assert.Matches(Pattern(one[1..]), query); // It was there to be echoed.
            }
        }
    }

    private static string Pattern(string what) => what switch
    {
        "soa" => @"(?m)^cdn\.example\.net\.\s+\d+\s+IN\s+SOA",
        "opt" => "; EDNS: version: 0,",
        "echo" => "OPT=100|100:",
        "mbz" => "MBZ",
        "do" => "flags: do;",
        "aa" => "(?m)^;; flags:[a-z ]* aa",
        "ad" => "(?m)^;; flags:[a-z ]* ad",
        "ra" => "(?m)^;; flags:[a-z ]* ra",
        "empty" => "ANSWER: 0, AUTHORITY: 1",
        "cookie" => @"COOKIE: [0-9a-f]{48} \(good\)",
        "nsid" => "NSID: .*\"waw\"",
        "small" => @"MSG SIZE  rcvd: ([1-4]?\d?\d|50\d|51[0-2])\b",
        _ => throw new ArgumentException(what),
    };
}
