using System.Collections.Immutable;
using OrleansCdn.Bgp.Wire;

namespace OrleansCdn.Bgp.Fsm;

/// <summary>What two OPENs make of a session: RFC 4271 §6.2, RFC 5492, RFC 6286, RFC 6793.</summary>
/// <param name="Error">Why there can be none; null: there can.</param>
/// <param name="Hold">The lower of the two; 0: none.</param>
/// <param name="Families">Those of both.</param>
/// <param name="IsFourOctet">AS numbers have four octets on the wire.</param>
internal readonly record struct OpenNegotiation(BgpNotification? Error, TimeSpan Hold, AddressFamilies Families, bool IsFourOctet)
{
    /// <summary>RFC 4271 §4.2: 0 or at least this.</summary>
    public const int MinHoldSeconds = 3;

    public static OpenNegotiation Of(SessionSettings settings, ImmutableArray<Capability> offered, OpenMessage peer)
    {
        if (peer.Asn != settings.PeerAsn)
        {
            return Refused(2);
        }

        if (peer.RouterId == 0)
        {
            return Refused(3);
        }

        if (peer.HoldSeconds is > 0 and < MinHoldSeconds || (peer.HoldSeconds == 0 && settings.RequiresHoldTime))
        {
            return Refused(6);
        }

        var hold = TimeSpan.FromSeconds(peer.HoldSeconds);
        AddressFamilies families = settings.Families & Offered(offered) & peer.Families();
        if (families == AddressFamilies.None)
        {
            // RFC 5492 §5: the ones that are missed are named.
            byte[] missed = [.. offered.Where(c => c.Code == CapabilityCode.Multiprotocol).SelectMany(OpenCodec.CapabilityData)];
            return new OpenNegotiation(new BgpNotification(NotificationCode.OpenMessage, 7, missed), default, families, false);
        }

        return new OpenNegotiation(
            null,
            hold < settings.HoldTime ? hold : settings.HoldTime,
            families,
            peer.Has(CapabilityCode.FourOctetAs) && offered.Any(c => c.Code == CapabilityCode.FourOctetAs));
    }

    private static OpenNegotiation Refused(byte subcode) => new(BgpNotification.Of(NotificationCode.OpenMessage, subcode), default, default, false);

    private static AddressFamilies Offered(ImmutableArray<Capability> offered) =>
        offered.Any(c => c.Code == CapabilityCode.Multiprotocol)
            ? offered.Aggregate(AddressFamilies.None, (all, c) => all | (c.Family()?.AsFlag() ?? AddressFamilies.None))
            : AddressFamilies.Ipv4;

    /// <summary>
    /// What is offered after a peer has refused some (NOTIFICATION 2/7, RFC 5492 §5; 2/4 of one that knows no capabilities): without those it
    /// has named. When it has named none, first the families alone are offered, then nothing. The only family is never given up.
    /// </summary>
    /// <returns>As many as before when nothing can be left out.</returns>
    public static ImmutableArray<Capability> Without(SessionSettings settings, ImmutableArray<Capability> offered, BgpNotification refusal)
    {
        ImmutableArray<Capability> named = refusal.Subcode == 7 ? OpenCodec.ReadCapabilities(refusal.Data) : [];
        ImmutableArray<Capability> families = [.. offered.Where(c => c.Code == CapabilityCode.Multiprotocol)];
        ImmutableArray<Capability> kept =
            !named.IsEmpty ? [.. offered.Where(c => !named.Any(n => Covers(n, c)))]
            : families.Length < offered.Length ? families
            : [];

        // Without any multiprotocol capability IPv4 unicast is meant: a session that wants it alone loses nothing.
        return (settings.Families & Offered(kept)) == AddressFamilies.None ? offered : kept;
    }

    /// <summary>A family is meant by name or, by a capability without value, all are.</summary>
    private static bool Covers(Capability named, Capability offered) =>
        named.Code == offered.Code && (named.Code != CapabilityCode.Multiprotocol || named.Value.Length == 0 || named.Equals(offered));
}
