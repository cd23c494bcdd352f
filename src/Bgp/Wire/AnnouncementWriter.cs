using System.Collections.Immutable;
using System.Net;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Bgp.Wire;

/// <summary>Why a route was not put on the wire.</summary>
public enum EncodeRefusal
{
    None,

    /// <summary>It is not one of the operator's own prefixes: nothing else is ever encoded.</summary>
    NotAllowed,

    /// <summary>The session has not negotiated the prefix's family (RFC 4760 §8).</summary>
    FamilyNotNegotiated,

    /// <summary>There is no address of this server in the prefix's family for it.</summary>
    NoNextHop,

    /// <summary>More prepends than <see cref="AnnouncementWriter.MaxPrepend"/>.</summary>
    TooManyPrepends,

    /// <summary>Its communities do not fit a message of 4,096 octets.</summary>
    TooLong,
}

/// <summary>What one connection needs to say a route.</summary>
public sealed record AnnouncementContext
{
    public required uint LocalAsn { get; init; }

    /// <summary>RFC 6793: both sides know AS numbers of four octets.</summary>
    public required bool IsFourOctet { get; init; }

    public required AddressFamilies Families { get; init; }

    public required IPAddress? NextHopIpv4 { get; init; }

    public required IPAddress? NextHopIpv6 { get; init; }

    /// <summary>The operator's own prefixes; a route must be exactly one of them.</summary>
    public required ImmutableArray<IPNetwork> AllowedPrefixes { get; init; }
}

/// <summary>The one way from a route to octets: the allow-list is asked here and nowhere earlier.</summary>
public static class AnnouncementWriter
{
    /// <summary>More than this makes no path less attractive and risks filters of long paths.</summary>
    public const int MaxPrepend = 5;

    /// <returns>The whole UPDATE; null: refused.</returns>
    public static byte[]? Announce(AnnouncementContext context, DesiredRoute route, out EncodeRefusal refusal)
    {
        refusal = Check(context, route.Prefix);
        bool isIpv4 = AddressFamilyExtensions.FamilyOf(route.Prefix) == AddressFamily.Ipv4Unicast;
        if (refusal == EncodeRefusal.None && (isIpv4 ? context.NextHopIpv4 : context.NextHopIpv6) is null)
        {
            refusal = EncodeRefusal.NoNextHop;
        }

        if (refusal == EncodeRefusal.None && route.Prepend is < 0 or > MaxPrepend)
        {
            refusal = EncodeRefusal.TooManyPrepends;
        }

        if (refusal != EncodeRefusal.None)
        {
            return null;
        }

        byte[]? message = UpdateCodec.Write(
            new UpdateMessage
            {
                Announced = [route.Prefix],
                Origin = BgpOrigin.Igp,
                AsPath = [.. Enumerable.Repeat(context.LocalAsn, 1 + route.Prepend)],
                NextHopIpv4 = isIpv4 ? context.NextHopIpv4 : null,
                NextHopIpv6 = isIpv4 ? null : context.NextHopIpv6,

                // RFC 1997 names a set: each once, and in an order that does not depend on who wrote the route.
                Communities = [.. route.Communities.Distinct().Order(Comparer<Community>.Create(Community.Compare))],
            },
            context.IsFourOctet);
        refusal = message is null ? EncodeRefusal.TooLong : EncodeRefusal.None;
        return message;
    }

    /// <summary>Of a prefix that was announced: one that has left the allow-list since is withdrawn like any other.</summary>
    public static byte[] Withdraw(IPNetwork prefix) =>
        UpdateCodec.Write(new UpdateMessage { Withdrawn = [prefix] }, isFourOctet: true)!;

    private static EncodeRefusal Check(AnnouncementContext context, IPNetwork prefix) =>
        !context.AllowedPrefixes.Contains(prefix) ? EncodeRefusal.NotAllowed
        : (context.Families & AddressFamilyExtensions.FamilyOf(prefix).AsFlag()) == 0 ? EncodeRefusal.FamilyNotNegotiated
        : EncodeRefusal.None;
}
