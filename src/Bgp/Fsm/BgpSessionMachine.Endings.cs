using OrleansCdn.Bgp.Wire;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Bgp.Fsm;

/// <summary>How connections end, and when the next one is tried.</summary>
public sealed partial class BgpSessionMachine
{
    private Ending? _lastEnding;
    private TimeSpan _establishedAt;

    private sealed record Ending(TimeSpan When, SessionErrorOrigin Origin, BgpNotification? Notification, string Text);

    private Connection? Find(long id) => _connections.Find(c => c.Id == id);

    /// <summary>This side has found something wrong: NOTIFICATION, then the end.</summary>
    private void Fail(Connection connection, BgpNotification notification)
    {
        Notify(connection, notification);
        Remember(new Ending(_now, SessionErrorOrigin.Sent, notification, notification.ToString()));
        Drop(connection);
        if (_connections.Count == 0)
        {
            Retry(IsProtocolError(notification));
        }
    }

    /// <summary>The connection went without a word.</summary>
    private void Lost(Connection connection, string text)
    {
        Remember(new Ending(_now, SessionErrorOrigin.Connection, null, text));
        Forget(connection);
        if (_connections.Count == 0)
        {
            Retry(isProtocolError: false);
        }
    }

    private void Notify(Connection connection, BgpNotification notification)
    {
        if (connection.State != BgpState.Connect || connection.IsIncoming)
        {
            Send(connection, notification.ToMessage());
        }
    }

    private void Drop(Connection connection)
    {
        _actions.Add(new SessionAction(SessionActionKind.Close, connection.Id));
        Forget(connection);
    }

    private void Forget(Connection connection)
    {
        if (connection.State == BgpState.Established && _now - _establishedAt >= ReconnectBackoff.Proven)
        {
            _backoff.Reset();
        }

        _ = _connections.Remove(connection);
    }

    private void Remember(Ending ending) => _lastEnding = ending;

    private void Retry(bool isProtocolError)
    {
        if (!_isStarted)
        {
            return;
        }

        TimeSpan wait = _backoff.Next();
        if (isProtocolError)
        {
            wait = wait > _settings.ErrorWait ? wait : _settings.ErrorWait;
            _refuseUntil = _now + wait;
        }

        _nextAttempt = _now + wait;
    }

    /// <summary>What comes again with the next attempt unless somebody changes something: haste would only fill both sides' logs.</summary>
    private static bool IsProtocolError(BgpNotification notification) => notification.Code switch
    {
        NotificationCode.HoldTimerExpired or NotificationCode.SendHoldTimerExpired => false,
        NotificationCode.Cease => (CeaseSubcode)notification.Subcode is CeaseSubcode.MaximumPrefixes or CeaseSubcode.OutOfResources,
        _ => true,
    };
}
