using System.Collections.Immutable;
using System.Net;
using OrleansCdn.Dns.Answering;
using OrleansCdn.Dns.Wire;
using OrleansCdn.Dns.Zones;

namespace OrleansCdn.Dns.Tests.Kit;

/// <summary>A responder over zones that are written in the test.</summary>
internal sealed class TestServer
{
    public const string Zone = "cdn.example.net";

    /// <summary>One of everything that a lookup can come upon.</summary>
    public const string Records = """
        $TTL 300
        @            MX    10 mail
        @            TXT   "v=spf1 -all" "two"
        @            CAA   0 issue "ca.example"
        mail         A     192.0.2.25
        mail         AAAA  2001:db8::25
        multi   60   A     192.0.2.3
                60   A     192.0.2.1
                60   A     192.0.2.2
        alias        CNAME mail
        far          CNAME www.example.org.
        chain        CNAME alias
        nowhere      CNAME gone
        a.b.c        A     192.0.2.7
        *.wild       A     192.0.2.8
        *.wild       TXT   "wild"
        x.y.wild     A     192.0.2.9
        *.cwild      CNAME mail
        child        NS    ns.child
        child        NS    ns.elsewhere.example.
        ns.child     A     192.0.2.53
        ns.child     AAAA  2001:db8::53
        secure       NS    ns.elsewhere.example.
        secure       DS    12345 13 2 0102030405060708091011121314151617181920212223242526272829303132
        _sip._tcp    SRV   1 2 5060 mail
        svc          HTTPS 1 . alpn=h2,http/1.1 port=8443 ipv4hint=192.0.2.1 ipv6hint=2001:db8::1
        odd          TYPE65280 \# 3 0a0b0c
        big          TXT   "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000" "1"
        """;

    private readonly byte[] _response = new byte[Responder.MaxTcpLength];

    public TestServer(string records = Records, params IEnumerable<SteeredSource> steered)
        : this(new DnsData { Zones = new ZoneTable(new ServedZone(Compile(records, steered))), Nsid = "waw"u8.ToArray() })
    {
    }

    public TestServer(DnsData data)
    {
        Source = new DnsDataSource(data);
        Responder = new Responder(Source, Counters);
    }

    public DnsDataSource Source { get; }

    public DnsCounters Counters { get; } = new();

    public Responder Responder { get; }

    public static QuerySource From(string address = "198.51.100.7", bool isTcp = false)
    {
        IPAddress ip = IPAddress.Parse(address);
        byte[] octets = ip.MapToIPv6().GetAddressBytes();
        return new QuerySource
        {
            Address = System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(octets),
            IsIpv4 = ip.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork,
            Port = 5353,
            IsTcp = isTcp,
            Now = TimeSpan.FromSeconds(1_780_000_000),
        };
    }

    public static ZoneSource Text(string records, params IEnumerable<SteeredSource> steered) => new()
    {
        Name = Zone,
        Nameservers = ["ns-waw.example.net", "ns-lax.example.net"],
        Ttl = 60,
        NegativeTtl = 30,
        Serial = 42,
        Records = records,
        Steered = [.. steered],
    };

    public static Zone Compile(string records, params IEnumerable<SteeredSource> steered)
    {
        CompiledZone compiled = ZoneCompiler.Compile(Text(records, steered))[0];
        return compiled.Zone ?? throw new InvalidOperationException(string.Join('\n', compiled.Mistakes));
    }

    /// <summary>A record set of one PoP with addresses of both families.</summary>
    public static PopRecords Pop(string ipv4, string? ipv6) => new(
        RrSet.Of(DnsType.A, 60, [IPAddress.Parse(ipv4).GetAddressBytes()]),
        ipv6 is null ? null : RrSet.Of(DnsType.Aaaa, 60, [IPAddress.Parse(ipv6).GetAddressBytes()]));

    public static SteeredName Pops(params PopRecords[] pops) => new([.. pops], 60);

    /// <summary>Empty: no answer.</summary>
    public byte[] Raw(ReadOnlySpan<byte> query, QuerySource? from = null)
    {
        int length = Responder.Respond(query, from ?? From(), _response);
        return _response[..length];
    }

    public SeenMessage Answer(Ask ask, QuerySource? from = null) => SeenMessage.Read(Raw(ask.Octets(), from));

    public SeenMessage Answer(string name, int type, QuerySource? from = null) => Answer(Ask.For(name, type), from);
}
