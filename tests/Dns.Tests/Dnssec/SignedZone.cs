using System.Globalization;
using System.Net;
using OrleansCdn.Contracts.Dns;
using OrleansCdn.Dns.Answering;
using OrleansCdn.Dns.Dnssec;
using OrleansCdn.Dns.Edns;
using OrleansCdn.Dns.Server;
using OrleansCdn.Dns.Tests.Kit;
using OrleansCdn.Dns.Wire;
using OrleansCdn.Dns.Zones;

namespace OrleansCdn.Dns.Tests.Dnssec;

/// <summary>The zone of <see cref="TestServer"/>, signed, with a steered name; in memory or over sockets.</summary>
internal sealed class SignedZone
{
    public SignedZone(CdsForm cds = CdsForm.Keys, params ZoneKey[] keys)
    {
        Keys = keys.Length > 0 ? keys : [TestKeys.Csk() with { IsAskedFor = true }];
        SteeredName www = TestServer.Pops(TestServer.Pop("192.0.2.10", "2001:db8:a::10"), TestServer.Pop("192.0.2.20", "2001:db8:b::20"));
        Signer = new OnlineSigner(NameText.Parse(TestServer.Zone), new ZoneKeys { Zone = TestServer.Zone, Keys = [.. Keys], Cds = cds }, Means);
        Data = new DnsData
        {
            Zones = new ZoneTable(new ServedZone(TestServer.Compile(TestServer.Records, new SteeredSource("www", www)), IsSigned: true, Signer)),
            DefaultOrder = [0, 1],
            Cookies = new ServerCookies(new byte[16]),
        };
    }

    public SigningMeans Means { get; } = new(TimeProvider.System);

    public ZoneKey[] Keys { get; }

    public OnlineSigner Signer { get; }

    public DnsData Data { get; init; }

    public byte[] Dnskey => TestKeys.Rdata(Keys[0]);

    /// <summary>Its key as BIND's tools and unbound want it for a trust anchor.</summary>
    public string Anchor => $"257 3 13 {Keys[0].PublicKey}";

    public string Ds =>
        Convert.ToHexString(DsRecord.Rdata(DsRecord.Owner(TestServer.Zone), Dnskey).AsSpan(DsRecord.DigestAt)) is var digest
            ? string.Create(CultureInfo.InvariantCulture, $"{Contracts.Dns.Dnskey.Tag(Dnskey)} 13 2 {digest}") : "";

    /// <summary>Over UDP and TCP of one port.</summary>
    public async Task<(DnsServer Server, int Port)> ListenAsync()
    {
        var server = new DnsServer(new DnsDataSource(Data), new DnsServerOptions { UdpThreads = 1 }, TimeProvider.System);
        await server.ListenAsync([new IPEndPoint(IPAddress.Loopback, 0)]);
        return (server, server.Endpoints[0].Port);
    }
}
