using System.Collections.Immutable;
using OrleansCdn.Bgp.Wire;

namespace OrleansCdn.Bgp.Fsm;

/// <summary>What a session is, for as long as it lives: another neighbour, family or hold time makes another session.</summary>
public sealed record SessionSettings
{
    public required uint LocalAsn { get; init; }

    /// <summary>BGP Identifier, not 0 (RFC 6286 §2.1).</summary>
    public required uint RouterId { get; init; }

    public required uint PeerAsn { get; init; }

    /// <summary>Families that are offered; at least one.</summary>
    public required AddressFamilies Families { get; init; }

    /// <summary>Proposed; 0, or 3 s to 65,535 s.</summary>
    public required TimeSpan HoldTime { get; init; }

    /// <summary>
    /// A peer that proposes 0 is refused (RFC 4271 §6.2 leaves that to each side): without keepalives nobody notices that this server is dead,
    /// and its routes stay.
    /// </summary>
    public bool RequiresHoldTime { get; init; }

    /// <summary>Waits for the neighbour's connection and opens none.</summary>
    public bool IsPassive { get; init; }

    /// <summary>After a protocol error no new attempt before this: RFC 4271 §8.1.1 (IdleHoldTimer) and what BIRD does by default.</summary>
    public TimeSpan ErrorWait { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>RFC 9687 §4: at least 8 minutes, at least twice the hold time.</summary>
    public TimeSpan MinSendHold { get; init; } = TimeSpan.FromMinutes(8);

    /// <summary>Ours of 4-octet AS, route refresh and the families; a peer's refusal takes some away later.</summary>
    public ImmutableArray<Capability> Capabilities()
    {
        var offered = ImmutableArray.CreateBuilder<Capability>();
        if ((Families & AddressFamilies.Ipv4) != 0)
        {
            offered.Add(Capability.Multiprotocol(AddressFamily.Ipv4Unicast));
        }

        if ((Families & AddressFamilies.Ipv6) != 0)
        {
            offered.Add(Capability.Multiprotocol(AddressFamily.Ipv6Unicast));
        }

        offered.Add(Capability.RouteRefresh);
        offered.Add(Capability.FourOctetAs(LocalAsn));
        return offered.ToImmutable();
    }
}
