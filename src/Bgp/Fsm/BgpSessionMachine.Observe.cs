using System.Collections.Immutable;
using System.Net;
using OrleansCdn.Bgp.Wire;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Bgp.Fsm;

/// <summary>What can be seen of a session from outside.</summary>
public sealed partial class BgpSessionMachine
{
    private OpenMessage? _peerOpen;

    /// <summary>Negotiated on the connection that is furthest; proposed as long as there is none that has been.</summary>
    public TimeSpan Hold => _connections.MaxBy(c => c.State) is { State: >= BgpState.OpenConfirm } furthest ? furthest.Hold : _settings.HoldTime;

    /// <summary>AS numbers have four octets in UPDATEs of the session that is Established (RFC 6793).</summary>
    public bool IsFourOctet => _connections.Find(c => c.State == BgpState.Established)?.IsFourOctet ?? false;

    /// <summary>The peer has the routes that it is to have, and there are some.</summary>
    public bool IsAnnouncing => _state == BgpState.Established && _adjRibOut.IsComplete;

    private SessionTotals Counters { get; } = new();

    /// <param name="upstream">Id of the upstream.</param>
    /// <param name="neighbor">As in the desired state.</param>
    /// <param name="revision">Of the upstream's desired state that was set.</param>
    /// <param name="now">The present on the machine's clock.</param>
    /// <param name="utcNow">The same moment.</param>
    public ObservedSession Observe(string upstream, IPEndPoint neighbor, long revision, TimeSpan now, DateTimeOffset utcNow)
    {
        Connection? furthest = _connections.MaxBy(c => c.State);
        bool hasHold = furthest?.State >= BgpState.OpenConfirm;
        return new ObservedSession
        {
            Upstream = upstream,
            Neighbor = neighbor.ToString(),
            PeerAsn = _settings.PeerAsn,
            State = _state,
            Since = Utc(_since),
            NextAttempt = _connections.Count == 0 && _nextAttempt is { } attempt ? Utc(attempt) : null,
            Revision = revision,
            LocalAddress = furthest?.Addresses?.Local.ToString(),
            PeerRouterId = _peerOpen is null ? null : OpenMessage.Quad(_peerOpen.RouterId),
            HoldSeconds = hasHold ? (int)furthest!.Hold.TotalSeconds : null,
            KeepaliveSeconds = hasHold ? (int)furthest!.KeepaliveInterval.TotalSeconds : null,
            PeerCapabilities = [.. _peerOpen?.Capabilities.Select(c => c.ToString()) ?? []],
            LastError = _lastEnding is { } last
                ? new SessionError(Utc(last.When), last.Origin, (int?)last.Notification?.Code, last.Notification?.Subcode, last.Text)
                : null,
            Counters = Counters.ToRecord(),
            Advertised = _state == BgpState.Established ? _adjRibOut.Sent : [],
        };

        DateTimeOffset Utc(TimeSpan time) => utcNow - (now - time);
    }
}
