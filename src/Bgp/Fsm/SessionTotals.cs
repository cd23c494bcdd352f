using OrleansCdn.Bgp.Wire;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Bgp.Fsm;

/// <summary>Counts of one session since its machine began.</summary>
internal sealed class SessionTotals
{
    private long _messagesIn;
    private long _messagesOut;
    private long _updatesIn;
    private long _updatesOut;
    private long _keepalivesIn;
    private long _keepalivesOut;
    private long _refreshesIn;
    private long _notificationsIn;
    private long _notificationsOut;
    private long _bytesIn;
    private long _bytesOut;

    public long Established { get; set; }

    public long ConnectAttempts { get; set; }

    public void Received(BgpMessageType type, int octets)
    {
        _messagesIn++;
        _bytesIn += octets;
        _updatesIn += type == BgpMessageType.Update ? 1 : 0;
        _keepalivesIn += type == BgpMessageType.Keepalive ? 1 : 0;
        _refreshesIn += type == BgpMessageType.RouteRefresh ? 1 : 0;
        _notificationsIn += type == BgpMessageType.Notification ? 1 : 0;
    }

    public void Sent(BgpMessageType type, int octets)
    {
        _messagesOut++;
        _bytesOut += octets;
        _updatesOut += type == BgpMessageType.Update ? 1 : 0;
        _keepalivesOut += type == BgpMessageType.Keepalive ? 1 : 0;
        _notificationsOut += type == BgpMessageType.Notification ? 1 : 0;
    }

    public SessionCounters ToRecord() => new()
    {
        Established = Established,
        ConnectAttempts = ConnectAttempts,
        MessagesIn = _messagesIn,
        MessagesOut = _messagesOut,
        UpdatesIn = _updatesIn,
        UpdatesOut = _updatesOut,
        KeepalivesIn = _keepalivesIn,
        KeepalivesOut = _keepalivesOut,
        RouteRefreshesIn = _refreshesIn,
        NotificationsIn = _notificationsIn,
        NotificationsOut = _notificationsOut,
        BytesIn = _bytesIn,
        BytesOut = _bytesOut,
    };
}
