using OrleansCdn.Contracts.Config.Binding;
using OrleansCdn.Contracts.Config.Scalars;

namespace OrleansCdn.Contracts.Config.Sections;

internal static class ResponseRateSection
{
    public static readonly ScalarKey<int> Responses = ScalarKey<int>.May(
        "responses", Numbers.Whole(0, ConfigLimits.MaxDnsResponseRate), ConfigDefaults.DnsResponsesPerSecond,
        "Answers a second that are alike and go to one network (/24, /56); 0: as many as are asked for.");

    public static readonly ScalarKey<int> Slip = ScalarKey<int>.May(
        "slip", Numbers.Whole(0, ConfigLimits.MaxDnsSlip), ConfigDefaults.DnsSlip,
        "One of so many that are too many is answered with TC, so that a real resolver comes back over TCP; 0: none is.");

    public static readonly KeyTable Table = new("dns.rate-limit", [Responses, Slip]);

    public static ResponseRateConfig Bind(MapReader keys) => new() { ResponsesPerSecond = keys.Read(Responses).Value, Slip = keys.Read(Slip).Value };
}
