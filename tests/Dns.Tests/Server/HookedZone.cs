using OrleansCdn.Dns.Answering;
using OrleansCdn.Dns.Dnssec;
using OrleansCdn.Dns.Tests.Kit;
using OrleansCdn.Dns.Wire;
using OrleansCdn.Dns.Zones;

namespace OrleansCdn.Dns.Tests.Server;

/// <summary>A zone in which a test's own code runs on the thread that answers, once for each query, by way of a signer that is asked whether it can sign.</summary>
internal sealed class HookedZone(Action onQuery) : ZoneSigner
{
    public static DnsDataSource Data(Action onQuery) => new(new DnsData
    {
        Zones = new ZoneTable(new ServedZone(TestServer.Compile(TestServer.Records), IsSigned: true, new HookedZone(onQuery))),
    });

    public override bool CanSign
    {
        get
        {
            onQuery();
            return true;
        }
    }

    public override RrSet? KeySet(DnsType type) => null;

    public override int Sign(ReadOnlySpan<byte> owner, RrSetView set, uint unixTime, Span<byte> signatures) => 0;

    public override int Deny(ReadOnlySpan<byte> owner, bool exists, ReadOnlySpan<DnsType> types, Span<byte> rdata) => 0;
}
