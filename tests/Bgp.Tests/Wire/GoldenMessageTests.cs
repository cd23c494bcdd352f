using System.Net;
using OrleansCdn.Bgp.Wire;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Bgp.Tests.Wire;

/// <summary>Octets written by hand after the RFCs' figures.</summary>
public sealed class GoldenMessageTests
{
    [Fact]
    public void A_keepalive_is_the_header_alone() => Assert.Equal(Hex.Octets(Hex.Marker + "0013 04"), BgpMessages.Keepalive());

    [Fact]
    public void A_route_refresh_names_the_family() => // RFC 2918 §3
        Assert.Equal(Hex.Octets(Hex.Marker + "0017 05 0002 00 01"), BgpMessages.RouteRefresh(AddressFamily.Ipv6Unicast));

    [Fact]
    public void End_of_RIB_is_an_empty_update_or_an_empty_MP_UNREACH() // RFC 4724 §2
    {
        Assert.Equal(Hex.Octets(Hex.Marker + "0017 02 0000 0000"), BgpMessages.EndOfRib(AddressFamily.Ipv4Unicast));
        Assert.Equal(Hex.Octets(Hex.Marker + "001d 02 0000 0006 800f03 0002 01"), BgpMessages.EndOfRib(AddressFamily.Ipv6Unicast));
    }

    [Fact]
    public void An_open_has_each_capability_as_a_parameter() => Assert.Equal(
        Hex.Octets(Hex.Marker + "0031 01 04 5ba0 005a c0000201 14 0206 0104 0002 00 01 0202 0200 0206 4104 000313fe"),
        OpenCodec.Write(Samples.Open));

    [Fact]
    public void A_shutdown_carries_its_text() // RFC 9003 §2
    {
        var cease = BgpNotification.Cease(CeaseSubcode.AdministrativeShutdown, "bye");
        Assert.Equal(Hex.Octets(Hex.Marker + "0019 03 06 02 03 627965"), cease.ToMessage());
        Assert.Equal("Cease/Administrative Shutdown (6/2): \"bye\"", cease.ToString());
        Assert.Equal(2 + 19 + 256, BgpNotification.Cease(CeaseSubcode.AdministrativeReset, new string('é', 200)).ToMessage().Length + 1); // 127 of 2 octets
    }

    [Fact]
    public void An_IPv4_route_has_its_attributes_in_the_order_of_their_types() => Assert.Equal(
        Hex.Octets(Hex.Marker + "005c 02 0000 0041"
            + "400101 00"
            + "40020e 0203 000313fe 000313fe 000313fe"
            + "400304 c6336407"
            + "c00808 fc580b62 ffff0000"
            + "c01008 0002fbf4 00000007"
            + "c0200c 0000fbf4 00000001 00000002"
            + "18 c00002"),
        AnnouncementWriter.Announce(Samples.Context, Samples.Route(Samples.Ipv4Prefix, 2, "65535:0", "64600:2914", "rt:64500:7", "64500:1:2"), out _));

    [Fact]
    public void An_IPv6_route_is_in_MP_REACH_which_comes_first_and_has_no_NEXT_HOP() => Assert.Equal( // RFC 4760 §3, RFC 2545 §3, RFC 7606 §5.1
        Hex.Octets(Hex.Marker + "0043 02 0000 002c"
            + "800e1c 0002 01 10 20010db8000000000000000000000007 00 30 2a0fb2401000"
            + "400101 00"
            + "400206 0201 000313fe"),
        AnnouncementWriter.Announce(Samples.Context, Samples.Route(Samples.Ipv6Prefix), out _));

    [Fact]
    public void A_speaker_of_two_octets_gets_AS_TRANS_and_AS4_PATH() => Assert.Equal( // RFC 6793 §4.2.2
        Hex.Octets(Hex.Marker + "003c 02 0000 0021"
            + "400101 00"
            + "400206 0202 5ba0 5ba0"
            + "400304 c6336407"
            + "c0110a 0202 000313fe 000313fe"
            + "18 c00002"),
        AnnouncementWriter.Announce(Samples.Context with { IsFourOctet = false }, Samples.Route(Samples.Ipv4Prefix, 1), out _));

    [Fact]
    public void Withdrawals_of_both_families()
    {
        Assert.Equal(Hex.Octets(Hex.Marker + "001b 02 0004 18c00002 0000"), AnnouncementWriter.Withdraw(Samples.Ipv4Prefix));
        Assert.Equal(Hex.Octets(Hex.Marker + "0024 02 0000 000d 800f0a 0002 01 30 2a0fb2401000"), AnnouncementWriter.Withdraw(Samples.Ipv6Prefix));
    }

    [Fact]
    public void Communities_beyond_255_octets_have_an_extended_length()
    {
        string[] many = [.. Enumerable.Range(0, 64).Select(i => $"64500:{i}")];
        byte[] message = AnnouncementWriter.Announce(Samples.Context, Samples.Route(Samples.Ipv4Prefix, 0, many), out _)!;
        Assert.Contains("d0080100fbf40000", Hex.Text(message), StringComparison.Ordinal);
        Assert.Equal(64, UpdateReader.Read(message.AsSpan(19), isFourOctet: true).Update.Communities.Length);
        string[] fewer = [.. many.Take(63)];
        Assert.Contains("c008fcfbf40000", Hex.Text(AnnouncementWriter.Announce(Samples.Context, Samples.Route(Samples.Ipv4Prefix, 0, fewer), out _)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("198.51.100.0/24", 0, 1, EncodeRefusal.NotAllowed)]
    [InlineData("192.0.2.0/25", 0, 1, EncodeRefusal.NotAllowed)] // A more specific of an allowed one is another route.
    [InlineData("192.0.2.0/24", 6, 1, EncodeRefusal.TooManyPrepends)]
    [InlineData("192.0.2.0/24", 0, 1500, EncodeRefusal.TooLong)]
    public void What_may_not_or_cannot_be_said_is_refused(string prefix, int prepend, int communities, EncodeRefusal why)
    {
        DesiredRoute route = Samples.Route(IPNetwork.Parse(prefix), prepend, [.. Enumerable.Range(0, communities).Select(i => $"1:{i}")]);
        Assert.Null(AnnouncementWriter.Announce(Samples.Context, route, out EncodeRefusal refusal));
        Assert.Equal(why, refusal);
    }

    [Fact]
    public void A_route_needs_its_family_and_a_next_hop()
    {
        Assert.Null(AnnouncementWriter.Announce(Samples.Context with { Families = AddressFamilies.Ipv4 }, Samples.Route(Samples.Ipv6Prefix), out EncodeRefusal family));
        Assert.Null(AnnouncementWriter.Announce(Samples.Context with { NextHopIpv6 = null }, Samples.Route(Samples.Ipv6Prefix), out EncodeRefusal hop));
        Assert.Equal((EncodeRefusal.FamilyNotNegotiated, EncodeRefusal.NoNextHop), (family, hop));
    }

    [Theory]
    [InlineData("03 5ba0 005a c0000201 00", 1, "0004")] // another version
    [InlineData("04 5ba0 005a c0000201 02 0200 00", 0, "")] // an octet behind the parameters
    [InlineData("04 5ba0 005a c0000201 03 0201 02", 0, "")] // a capability without length
    [InlineData("04 5ba0 005a c0000201 04 0202 0203", 0, "")] // a capability beyond its parameter
    [InlineData("04 5ba0 005a c0000201 02 0100", 4, "")] // authentication, deprecated
    public void A_bad_open_is_told_why(string body, byte subcode, string data)
    {
        (OpenMessage? open, BgpNotification? error) = OpenCodec.Read(Hex.Octets(body));
        Assert.Null(open);
        Assert.Equal(new BgpNotification(NotificationCode.OpenMessage, subcode, Hex.Octets(data)), error);
    }

    [Theory]
    [InlineData("ff")]
    [InlineData("12")] // Of one who writes the true length, which counts no longer.
    public void Extended_optional_parameters_and_several_capabilities_in_one_are_read(string length) // RFC 9072 §2
    {
        (OpenMessage? open, _) = OpenCodec.Read(Hex.Octets($"04 5ba0 005a c0000201 {length} ff 000f 02 000c 0104 0001 00 01 4104 000313fe"));
        Assert.Equal(201726u, open!.Asn);
        Assert.Equal(["multiprotocol ipv4-unicast", "4-octet AS 201726"], open.Capabilities.Select(c => c.ToString()));
    }
}
