using System.Buffers.Binary;

namespace OrleansCdn.Bgp.Wire;

/// <summary>Messages without much in them, and the header of all.</summary>
public static class BgpMessages
{
    /// <summary>RFC 2918: AFI, reserved, SAFI.</summary>
    public const int RouteRefreshBodyLength = 4;

    public static byte[] Keepalive() => WithHeader(BgpMessageType.Keepalive, 0);

    public static byte[] RouteRefresh(AddressFamily family)
    {
        byte[] message = WithHeader(BgpMessageType.RouteRefresh, RouteRefreshBodyLength);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(BgpWire.HeaderLength), (ushort)family);
        message[BgpWire.HeaderLength + 3] = AddressFamilyExtensions.Unicast;
        return message;
    }

    /// <summary>RFC 4724 §2: the peer has been sent all that there is of <paramref name="family"/>.</summary>
    public static byte[] EndOfRib(AddressFamily family)
    {
        if (family == AddressFamily.Ipv4Unicast)
        {
            return WithHeader(BgpMessageType.Update, 4);
        }

        // No withdrawn routes; one attribute of 6 octets: MP_UNREACH_NLRI (optional) with AFI and SAFI alone.
        byte[] message = WithHeader(BgpMessageType.Update, 10);
        ReadOnlySpan<byte> body = [0, 0, 0, 6, 0x80, (byte)AttributeType.MpUnreachNlri, 3, 0, (byte)family, AddressFamilyExtensions.Unicast];
        body.CopyTo(message.AsSpan(BgpWire.HeaderLength));
        return message;
    }

    /// <summary>A message of <paramref name="bodyLength"/> octets behind its header; the body is zero.</summary>
    internal static byte[] WithHeader(BgpMessageType type, int bodyLength)
    {
        byte[] message = new byte[BgpWire.HeaderLength + bodyLength];
        WriteHeader(message, type, message.Length);
        return message;
    }

    internal static void WriteHeader(Span<byte> message, BgpMessageType type, int length)
    {
        message[..BgpWire.MarkerLength].Fill(0xff);
        BinaryPrimitives.WriteUInt16BigEndian(message[BgpWire.MarkerLength..], (ushort)length);
        message[BgpWire.HeaderLength - 1] = (byte)type;
    }
}
