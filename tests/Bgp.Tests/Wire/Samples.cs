using System.Net;
using OrleansCdn.Bgp.Wire;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Bgp.Tests.Wire;

/// <summary>One whole message of each kind and form.</summary>
internal static class Samples
{
    public static readonly IPNetwork Ipv4Prefix = IPNetwork.Parse("192.0.2.0/24");
    public static readonly IPNetwork Ipv6Prefix = IPNetwork.Parse("2a0f:b240:1000::/48");

    public static readonly AnnouncementContext Context = new()
    {
        LocalAsn = 201726,
        IsFourOctet = true,
        Families = AddressFamilies.Ipv4 | AddressFamilies.Ipv6,
        NextHopIpv4 = IPAddress.Parse("198.51.100.7"),
        NextHopIpv6 = IPAddress.Parse("2001:db8::7"),
        AllowedPrefixes = [Ipv4Prefix, Ipv6Prefix],
    };

    public static readonly OpenMessage Open = new()
    {
        MyAs = BgpWire.AsTrans,
        HoldSeconds = 90,
        RouterId = 0xc0000201,
        Capabilities = [Capability.Multiprotocol(AddressFamily.Ipv6Unicast), Capability.RouteRefresh, Capability.FourOctetAs(201726)],
    };

    public static DesiredRoute Route(IPNetwork prefix, int prepend = 0, params string[] communities) =>
        new() { Prefix = prefix, Prepend = prepend, Communities = [.. communities.Select(Community.Parse)] };

    public static byte[][] All =>
    [
        BgpMessages.Keepalive(),
        BgpMessages.RouteRefresh(AddressFamily.Ipv6Unicast),
        BgpMessages.EndOfRib(AddressFamily.Ipv4Unicast),
        BgpMessages.EndOfRib(AddressFamily.Ipv6Unicast),
        BgpNotification.Cease(CeaseSubcode.AdministrativeShutdown, "maintenance until 04:00Z").ToMessage(),
        OpenCodec.Write(Open),
        AnnouncementWriter.Announce(Context, Route(Ipv4Prefix, 2, "65535:0", "64600:2914", "rt:64500:7", "64500:1:2"), out _)!,
        AnnouncementWriter.Announce(Context with { IsFourOctet = false }, Route(Ipv6Prefix, 5, "20473:6000", "ext:0x0002fbf400000078", "4200000000:1:2"), out _)!,
        AnnouncementWriter.Withdraw(Ipv4Prefix),
        AnnouncementWriter.Withdraw(Ipv6Prefix),
    ];
}

internal static class Readers
{
    /// <summary>Hands whole messages at the beginning of <paramref name="octets"/> to every reader that there is for them.</summary>
    public static void ReadAll(ReadOnlySpan<byte> octets)
    {
        while (BgpFramer.Read(octets) is { Status: FrameStatus.Complete } frame)
        {
            ReadOnlySpan<byte> body = octets[BgpWire.HeaderLength..frame.Length];
            switch (frame.Type)
            {
                case BgpMessageType.Open:
                    (OpenMessage? open, BgpNotification? error) = OpenCodec.Read(body);
                    Assert.True(open is null != (error is null));
                    _ = open?.Families();
                    _ = open?.Capabilities.Select(c => c.ToString()).ToArray();
                    break;
                case BgpMessageType.Update:
                    foreach (bool isFourOctet in (bool[])[true, false])
                    {
                        UpdateReadResult result = UpdateReader.Read(body, isFourOctet);
                        Assert.Equal(result.Status == UpdateStatus.SessionReset, result.Error is not null);

                        // Who has the prefix needs all that a route is made of.
                        Assert.True(result.Status != UpdateStatus.TreatAsWithdraw || result.Update.Announced.IsEmpty);
                        if (!result.Update.Announced.IsEmpty)
                        {
                            Assert.True(result.Update.NextHopIpv4 is not null || result.Update.NextHopIpv6 is not null);
                        }
                    }

                    break;
                case BgpMessageType.Notification:
                    string text = BgpNotification.Read(body)!.ToString();
                    Assert.DoesNotContain(text, char.IsControl);
                    break;
            }

            octets = octets[frame.Length..];
        }
    }
}
