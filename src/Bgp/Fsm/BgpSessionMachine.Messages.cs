using System.Buffers.Binary;
using OrleansCdn.Bgp.Wire;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Bgp.Fsm;

/// <summary>What the peer says: RFC 4271 §8.2.2, from OpenSent on.</summary>
public sealed partial class BgpSessionMachine
{
    private void OnMessage(Connection connection, BgpMessageType type, ReadOnlySpan<byte> body)
    {
        Counters.Received(type, BgpWire.HeaderLength + body.Length);
        if (type == BgpMessageType.Notification)
        {
            OnNotification(connection, BgpNotification.Read(body) ?? BgpNotification.Of(0));
            return;
        }

        switch (connection.State, type)
        {
            case (BgpState.OpenSent, BgpMessageType.Open):
                OnOpen(connection, body);
                break;
            case (BgpState.OpenConfirm, BgpMessageType.Keepalive):
                Establish(connection);
                break;
            case (BgpState.Established, BgpMessageType.Keepalive):
                Heard(connection);
                break;
            case (BgpState.Established, BgpMessageType.Update):
                Heard(connection);
                _actions.Add(new SessionAction(SessionActionKind.Update, connection.Id, body.ToArray()));
                break;
            case (BgpState.Established, BgpMessageType.RouteRefresh):
                OnRouteRefresh(connection, body);
                break;
            default:
                // RFC 6608 §3: 1 in OpenSent, 2 in OpenConfirm, 3 in Established; the data is the message's type.
                Fail(connection, new BgpNotification(NotificationCode.FiniteStateMachine, (byte)(connection.State - BgpState.OpenSent + 1), [(byte)type]));
                break;
        }
    }

    private void OnOpen(Connection connection, ReadOnlySpan<byte> body)
    {
        (OpenMessage? open, BgpNotification? error) = OpenCodec.Read(body);
        if (open is null)
        {
            Fail(connection, error!);
            return;
        }

        connection.PeerOpen = _peerOpen = open;
        var negotiation = OpenNegotiation.Of(_settings, connection.Offered, open);
        if (negotiation.Error is not null)
        {
            Fail(connection, negotiation.Error);
            return;
        }

        if (!WinsCollision(connection, open))
        {
            return;
        }

        connection.Hold = negotiation.Hold;
        connection.Families = negotiation.Families;
        connection.IsFourOctet = negotiation.IsFourOctet;
        connection.State = BgpState.OpenConfirm;
        Heard(connection);

        if (_isAlive)
        {
            SendKeepalive(connection);
        }
        else
        {
            connection.KeepaliveDeadline = _now; // It confirms the OPEN as soon as the watchdog lets it.
        }
    }

    /// <summary>RFC 4271 §6.8: of two connections the one stays that the side with the higher identifier has opened.</summary>
    private bool WinsCollision(Connection connection, OpenMessage open)
    {
        Connection? other = _connections.Find(c => c != connection && c.State >= BgpState.OpenConfirm);
        if (other is null)
        {
            return true;
        }

        bool localIsHigher = (_settings.RouterId, _settings.LocalAsn).CompareTo((open.RouterId, open.Asn)) > 0;
        bool wins = other.State != BgpState.Established && connection.IsIncoming != localIsHigher;
        Connection loser = wins ? other : connection;
        Notify(loser, BgpNotification.Cease(CeaseSubcode.ConnectionCollision));
        Drop(loser);
        return wins;
    }

    private void Establish(Connection connection)
    {
        foreach (Connection other in _connections.Where(c => c != connection).ToArray())
        {
            if (other.State != BgpState.Connect)
            {
                Notify(other, BgpNotification.Cease(CeaseSubcode.ConnectionCollision));
            }

            Drop(other);
        }

        connection.State = BgpState.Established;
        _establishedAt = _now;
        Counters.Established++;
        Heard(connection);
        _adjRibOut.Forget();
        Flush(connection);

        // RFC 4724 §4.1: who can restart gracefully waits for it, whether or not this side offers the same.
        if (connection.PeerOpen!.Has(CapabilityCode.GracefulRestart))
        {
            foreach (AddressFamily family in (AddressFamily[])[AddressFamily.Ipv4Unicast, AddressFamily.Ipv6Unicast])
            {
                if ((connection.Families & family.AsFlag()) != 0)
                {
                    Send(connection, BgpMessages.EndOfRib(family));
                }
            }
        }
    }

    private void OnRouteRefresh(Connection connection, ReadOnlySpan<byte> body)
    {
        if (body.Length != BgpMessages.RouteRefreshBodyLength)
        {
            Fail(connection, BgpNotification.Of(NotificationCode.RouteRefreshMessage, 1));
            return;
        }

        // The reserved octet is ignored (RFC 2918 §3) but for RFC 7313's marks, which say where a refresh begins and ends.
        var family = (AddressFamily)BinaryPrimitives.ReadUInt16BigEndian(body);
        if (body[2] is 0 && body[3] == AddressFamilyExtensions.Unicast && family is AddressFamily.Ipv4Unicast or AddressFamily.Ipv6Unicast)
        {
            _adjRibOut.Forget(family);
            Flush(connection);
        }
    }

    private void OnNotification(Connection connection, BgpNotification notification)
    {
        bool isRefusal = notification is { Code: NotificationCode.OpenMessage, Subcode: 4 or 7 } && connection.State is BgpState.OpenSent or BgpState.OpenConfirm;
        var offered = isRefusal ? OpenNegotiation.Without(_settings, _offered, notification) : _offered;
        bool hasDropped = offered.Length < _offered.Length;
        _offered = offered;
        bool isCollision = notification is { Code: NotificationCode.Cease, Subcode: (byte)CeaseSubcode.ConnectionCollision };
        if (!isCollision || _connections.Count == 1)
        {
            Remember(new Ending(_now, SessionErrorOrigin.Received, notification, notification.ToString()));
        }

        Drop(connection);
        if (_connections.Count == 0)
        {
            Retry(!hasDropped && IsProtocolError(notification));
        }
    }

    /// <summary>Sends what the peer has not been told yet.</summary>
    private void Flush(Connection connection)
    {
        var context = new AnnouncementContext
        {
            LocalAsn = _settings.LocalAsn,
            IsFourOctet = connection.IsFourOctet,
            Families = connection.Families,
            NextHopIpv4 = connection.Addresses!.NextHopIpv4,
            NextHopIpv6 = connection.Addresses.NextHopIpv6,
            AllowedPrefixes = _allowed,
        };
        foreach (byte[] message in _adjRibOut.Missing(context))
        {
            Send(connection, message);
        }
    }

    private void Heard(Connection connection) => connection.HoldDeadline = connection.Hold > TimeSpan.Zero ? _now + connection.Hold : null;

    private void SendKeepalive(Connection connection)
    {
        Send(connection, BgpMessages.Keepalive());
        connection.KeepaliveDeadline = connection.Hold > TimeSpan.Zero ? _now + ReconnectBackoff.Jitter(connection.KeepaliveInterval, _random) : null;
    }

    private void Send(Connection connection, byte[] message)
    {
        Counters.Sent((BgpMessageType)message[BgpWire.HeaderLength - 1], message.Length);
        _actions.Add(new SessionAction(SessionActionKind.Send, connection.Id, message));
        connection.SendHoldDeadline ??= _now + SendHold(connection);
    }
}
