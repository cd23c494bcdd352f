using OrleansCdn.Dns.Wire;

namespace OrleansCdn.Dns.Tests.Wire;

/// <summary>Numbers by hand from the IANA registry.</summary>
public sealed class DnsTypeTests
{
    [Theory]
    [InlineData(DnsType.Soa, 6)]
    [InlineData(DnsType.Aaaa, 28)]
    [InlineData(DnsType.Opt, 41)]
    [InlineData(DnsType.Nsec, 47)]
    [InlineData(DnsType.Https, 65)]
    [InlineData(DnsType.NxName, 128)]
    [InlineData(DnsType.Caa, 257)]
    public void A_type_has_its_number(DnsType type, int number) => Assert.Equal(number, (int)type);
}
