using System.Collections.Immutable;
using OrleansCdn.Bgp.Wire;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Bgp.Fsm;

/// <summary>One TCP connection with its part of the state machine: there can be two of a session until §6.8 of RFC 4271 has chosen one.</summary>
internal sealed class Connection(long id, bool isIncoming)
{
    public long Id => id;

    /// <summary>The neighbour opened it.</summary>
    public bool IsIncoming => isIncoming;

    /// <summary>Connect while TCP is being opened.</summary>
    public BgpState State { get; set; } = BgpState.Connect;

    public ConnectionAddresses? Addresses { get; set; }

    public OpenMessage? PeerOpen { get; set; }

    /// <summary>What this side's OPEN on it has offered.</summary>
    public ImmutableArray<Capability> Offered { get; set; } = [];

    public bool IsFourOctet { get; set; }

    public AddressFamilies Families { get; set; }

    /// <summary>Null: nothing is waited for (hold time 0).</summary>
    public TimeSpan? HoldDeadline { get; set; }

    public TimeSpan Hold { get; set; }

    public TimeSpan? KeepaliveDeadline { get; set; }

    /// <summary>Set while the kernel has not taken all: RFC 9687.</summary>
    public TimeSpan? SendHoldDeadline { get; set; }

    public TimeSpan KeepaliveInterval => Hold / 3;
}
