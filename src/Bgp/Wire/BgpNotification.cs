using System.Text;

namespace OrleansCdn.Bgp.Wire;

/// <summary>Error codes of RFC 4271 §4.5 and of RFC 9687.</summary>
public enum NotificationCode : byte
{
    MessageHeader = 1,
    OpenMessage = 2,
    UpdateMessage = 3,
    HoldTimerExpired = 4,
    FiniteStateMachine = 5,
    Cease = 6,
    RouteRefreshMessage = 7,

    /// <summary>RFC 9687.</summary>
    SendHoldTimerExpired = 8,
}

/// <summary>Subcodes of Cease: RFC 4486 §3, RFC 8538, RFC 9384.</summary>
public enum CeaseSubcode : byte
{
    MaximumPrefixes = 1,
    AdministrativeShutdown = 2,
    PeerDeconfigured = 3,
    AdministrativeReset = 4,
    ConnectionRejected = 5,
    OtherConfigurationChange = 6,
    ConnectionCollision = 7,
    OutOfResources = 8,
    HardReset = 9,
    BfdDown = 10,
}

/// <summary>A NOTIFICATION (RFC 4271 §4.5): why a session ends.</summary>
/// <param name="Code">What kind of error.</param>
/// <param name="Subcode">0: unspecific.</param>
/// <param name="Data">What the code's RFC says belongs there.</param>
public sealed record BgpNotification(NotificationCode Code, byte Subcode, byte[] Data)
{
    /// <summary>Octets of a shutdown text: RFC 9003 §2.</summary>
    public const int MaxShutdownTextLength = 255;

    public static BgpNotification Of(NotificationCode code, byte subcode = 0) => new(code, subcode, []);

    /// <param name="subcode">Only <see cref="CeaseSubcode.AdministrativeShutdown"/> and <see cref="CeaseSubcode.AdministrativeReset"/> carry a text.</param>
    /// <param name="text">Cut at 255 octets of UTF-8 between characters.</param>
    public static BgpNotification Cease(CeaseSubcode subcode, string text = "")
    {
        if (text.Length == 0 || subcode is not (CeaseSubcode.AdministrativeShutdown or CeaseSubcode.AdministrativeReset))
        {
            return Of(NotificationCode.Cease, (byte)subcode);
        }

        Span<byte> room = stackalloc byte[MaxShutdownTextLength];
        Encoding.UTF8.GetEncoder().Convert(text, room, flush: true, out _, out int length, out _);
        return new BgpNotification(NotificationCode.Cease, (byte)subcode, [(byte)length, .. room[..length]]);
    }

    /// <param name="body">Of the message, without header.</param>
    /// <returns>Null: too short to be one.</returns>
    public static BgpNotification? Read(ReadOnlySpan<byte> body) =>
        body.Length < 2 ? null : new BgpNotification((NotificationCode)body[0], body[1], body[2..].ToArray());

    /// <summary>The whole message.</summary>
    public byte[] ToMessage()
    {
        int room = Math.Min(Data.Length, BgpWire.MaxMessageLength - BgpWire.HeaderLength - 2);
        byte[] message = BgpMessages.WithHeader(BgpMessageType.Notification, 2 + room);
        message[BgpWire.HeaderLength] = (byte)Code;
        message[BgpWire.HeaderLength + 1] = Subcode;
        Data.AsSpan(0, room).CopyTo(message.AsSpan(BgpWire.HeaderLength + 2));
        return message;
    }

    /// <summary>The text of RFC 9003; null: there is none, or it is no text.</summary>
    public string? ShutdownText()
    {
        if (Code != NotificationCode.Cease
            || Subcode is not ((byte)CeaseSubcode.AdministrativeShutdown or (byte)CeaseSubcode.AdministrativeReset)
            || Data.Length < 2 || Data[0] == 0 || Data[0] > Data.Length - 1)
        {
            return null;
        }

        // From the peer, for logs and terminals: no control characters, whatever its bytes are (U+FFFD for what is no UTF-8).
        return string.Concat(Encoding.UTF8.GetString(Data, 1, Data[0]).Select(c => char.IsControl(c) ? '?' : c));
    }

    /// <summary>In words: <c>Cease/Administrative Shutdown (6/2): "maintenance"</c>.</summary>
    public override string ToString() => NotificationNames.Of(Code, Subcode) + (ShutdownText() is { } text ? $": \"{text}\"" : "");

    public bool Equals(BgpNotification? other) => other is not null && Code == other.Code && Subcode == other.Subcode && Data.AsSpan().SequenceEqual(other.Data);

    public override int GetHashCode() => HashCode.Combine(Code, Subcode, Data.Length);
}
