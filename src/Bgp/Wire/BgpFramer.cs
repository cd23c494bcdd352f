using System.Buffers.Binary;

namespace OrleansCdn.Bgp.Wire;

public enum FrameStatus
{
    /// <summary>More octets are needed.</summary>
    Incomplete,
    Complete,

    /// <summary>RFC 4271 §6.1: the stream cannot be read on.</summary>
    Bad,
}

/// <summary>One message at the beginning of a buffer.</summary>
/// <param name="Status">What there is.</param>
/// <param name="Length">Octets of the message with its header; 0 unless complete.</param>
/// <param name="Type">Of a complete one; it may be a number that <see cref="BgpMessageType"/> does not name only when the status is bad.</param>
/// <param name="Error">What is sent back when it is bad.</param>
public readonly record struct BgpFrame(FrameStatus Status, int Length, BgpMessageType Type, BgpNotification? Error);

/// <summary>Finds messages in a stream of octets (RFC 4271 §4.1, §6.1).</summary>
public static class BgpFramer
{
    /// <summary>As soon as the header is there, what it says is judged: a bad length does not wait for its octets.</summary>
    public static BgpFrame Read(ReadOnlySpan<byte> buffer)
    {
        int markers = Math.Min(buffer.Length, BgpWire.MarkerLength);
        if (buffer[..markers].ContainsAnyExcept((byte)0xff))
        {
            return Bad(1, []);
        }

        if (buffer.Length < BgpWire.HeaderLength)
        {
            return default;
        }

        int length = BinaryPrimitives.ReadUInt16BigEndian(buffer[BgpWire.MarkerLength..]);
        var type = (BgpMessageType)buffer[BgpWire.HeaderLength - 1];
        byte[] lengthField = buffer.Slice(BgpWire.MarkerLength, 2).ToArray();
        if (length is < BgpWire.HeaderLength or > BgpWire.MaxMessageLength)
        {
            return Bad(2, lengthField);
        }

        (int least, int most) = type switch
        {
            BgpMessageType.Open => (29, BgpWire.MaxMessageLength),
            BgpMessageType.Update => (23, BgpWire.MaxMessageLength),
            BgpMessageType.Notification => (21, BgpWire.MaxMessageLength),
            BgpMessageType.Keepalive => (BgpWire.HeaderLength, BgpWire.HeaderLength),

            // RFC 7313 §5 has an error of its own for its length, which is told by the session.
            BgpMessageType.RouteRefresh => (BgpWire.HeaderLength, BgpWire.MaxMessageLength),
            _ => (-1, -1),
        };
        if (least < 0)
        {
            return Bad(3, [(byte)type]);
        }

        if (length < least || length > most)
        {
            return Bad(2, lengthField);
        }

        return buffer.Length < length ? default : new BgpFrame(FrameStatus.Complete, length, type, null);
    }

    private static BgpFrame Bad(byte subcode, byte[] data) =>
        new(FrameStatus.Bad, 0, 0, new BgpNotification(NotificationCode.MessageHeader, subcode, data));
}
