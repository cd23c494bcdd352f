using System.Net;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Dns.Answering;
using OrleansCdn.Dns.Geo;
using OrleansCdn.Dns.Wire;
using OrleansCdn.Edge.Dns;
using OrleansCdn.Edge.Dns.Visits;
using OrleansCdn.Testing;

namespace OrleansCdn.Edge.Tests.Dns;

/// <summary>Addresses with a number in them: the PoP's prefix, and what is remembered under the number.</summary>
public sealed class NumberedAddressesTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly VisitTable _visits;
    private readonly NumberedAddresses _addresses;

    public NumberedAddressesTests()
    {
        _visits = new VisitTable(_time);
        _addresses = Of("visit.example.net");
    }

    [Fact]
    public void The_number_leads_back_to_who_asked()
    {
        Assert.True(TryIssue(_addresses, pop: 0, out IPAddress address));
        Assert.True(IPNetwork.Parse("2001:db8:a:1::/96").Contains(address), $"{address}");
        uint id = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(address.GetAddressBytes().AsSpan(12));

        Assert.Equal(VisitVerdict.Found, _visits.Find(id, out Visit visit));
        Assert.Equal(("visit.example.net", (UInt128)1, "waw", -1), (visit.Facts.Name, visit.Facts.Resolver, visit.Facts.Pop, visit.Facts.SubnetBits));
    }

    [Fact]
    public void Of_a_wildcard_the_name_that_was_asked_for_is_remembered()
    {
        Assert.True(TryIssue(Of("*.visit.example.net"), pop: 0, out IPAddress address));
        _visits.Find(System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(address.GetAddressBytes().AsSpan(12)), out Visit visit);
        Assert.Equal("a.visit.example.net", visit.Facts.Name);
    }

    [Fact]
    public void A_pop_without_such_addresses_gives_its_own() => Assert.False(TryIssue(_addresses, pop: 1, out _));

    [Fact]
    public void Under_a_flood_the_pops_own_addresses_are_given_until_the_next_second()
    {
        for (int i = 0; i < ExplainBudget.PerSecond; i++)
        {
            Assert.True(TryIssue(_addresses, pop: 0, out _));
        }

        Assert.False(TryIssue(_addresses, pop: 0, out _));
        Assert.Equal(ExplainBudget.PerSecond, _visits.Issued);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(TryIssue(_addresses, pop: 0, out _));
    }

    private NumberedAddresses Of(string host) => new(host, Pops, () => GeoDatabases.None, _visits, new ExplainBudget(_time));

    private static System.Collections.Immutable.ImmutableArray<PopConfig> Pops { get; } =
    [
        Pop("waw", IPNetwork.Parse("2001:db8:a:1::/64")), Pop("lax", null),
    ];

    private static PopConfig Pop(string id, IPNetwork? prefix) => new()
    {
        Id = id,
        Name = id,
        Location = new LocationConfig { Latitude = 0, Longitude = 0, Country = "PL", Continent = "EU" },
        IdPrefix = prefix,
        Edges = [],
        Upstreams = [],
    };

    private static bool TryIssue(NumberedAddresses addresses, int pop, out IPAddress address)
    {
        var question = new SteeredQuestion
        {
            Name = NameText.Parse("a.visit.example.net"),
            Type = DnsType.Aaaa,
            Source = new QuerySource { Address = 1, IsIpv4 = false, Port = 1, IsTcp = false, Now = TimeSpan.Zero },
            Subnet = null,
            Address = 1,
            IsIpv4 = false,
            Bits = 128,
            Choice = null,
            Pop = pop,
            Data = DnsData.Empty,
        };
        byte[] octets = new byte[16];
        bool isIssued = addresses.TryIssue(question, octets);
        address = new IPAddress(octets);
        return isIssued;
    }
}
