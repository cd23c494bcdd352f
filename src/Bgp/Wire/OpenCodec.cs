using System.Buffers.Binary;
using System.Collections.Immutable;

namespace OrleansCdn.Bgp.Wire;

/// <summary>OPEN on the wire (RFC 4271 §4.2, RFC 5492, RFC 9072).</summary>
public static class OpenCodec
{
    private const int FixedLength = 10;
    private const byte CapabilitiesParameter = 2;

    /// <summary>In the place of length and type of the first parameter it says that lengths have two octets: RFC 9072 §2.</summary>
    private const byte ExtendedMark = 255;

    /// <summary>Capabilities that are kept of one OPEN: there are some 30 in the registry.</summary>
    public const int MaxCapabilities = 128;

    /// <summary>The whole message. Each capability is a parameter of its own, which the oldest speakers understand as well.</summary>
    /// <exception cref="ArgumentException">More capabilities than fit 255 octets.</exception>
    public static byte[] Write(OpenMessage open)
    {
        int parameters = open.Capabilities.Sum(c => 4 + c.Value.Length);
        if (parameters >= ExtendedMark)
        {
            throw new ArgumentException($"{open.Capabilities.Length} capabilities need {parameters} octets, 254 fit");
        }

        byte[] message = BgpMessages.WithHeader(BgpMessageType.Open, FixedLength + parameters);
        Span<byte> body = message.AsSpan(BgpWire.HeaderLength);
        body[0] = open.Version;
        BinaryPrimitives.WriteUInt16BigEndian(body[1..], open.MyAs);
        BinaryPrimitives.WriteUInt16BigEndian(body[3..], open.HoldSeconds);
        BinaryPrimitives.WriteUInt32BigEndian(body[5..], open.RouterId);
        body[9] = (byte)parameters;
        body = body[FixedLength..];
        foreach (Capability capability in open.Capabilities)
        {
            int length = capability.Value.Length;
            ReadOnlySpan<byte> head = [CapabilitiesParameter, (byte)(length + 2), (byte)capability.Code, (byte)length];
            head.CopyTo(body);
            capability.Value.CopyTo(body[4..]);
            body = body[(4 + length)..];
        }

        return message;
    }

    /// <param name="body">Of the message, without header.</param>
    /// <returns>The message, or what is sent back (RFC 4271 §6.2): never both.</returns>
    public static (OpenMessage? Open, BgpNotification? Error) Read(ReadOnlySpan<byte> body)
    {
        if (body.Length < FixedLength)
        {
            return (null, BgpNotification.Of(NotificationCode.OpenMessage));
        }

        if (body[0] != BgpWire.Version)
        {
            // The largest version that is spoken here, two octets.
            return (null, new BgpNotification(NotificationCode.OpenMessage, 1, [0, BgpWire.Version]));
        }

        ReadOnlySpan<byte> parameters = body[FixedLength..];

        // RFC 9072 §2: the mark decides; the one-octet length, 255 of those who write well, is then passed over unless it is 0.
        bool isExtended = body[9] != 0 && parameters is [ExtendedMark, ..];
        int declared = body[9];
        if (isExtended)
        {
            if (parameters.Length < 3)
            {
                return (null, BgpNotification.Of(NotificationCode.OpenMessage));
            }

            declared = BinaryPrimitives.ReadUInt16BigEndian(parameters[1..]);
            parameters = parameters[3..];
        }

        var capabilities = ImmutableArray.CreateBuilder<Capability>();
        if (declared != parameters.Length || ReadParameters(parameters, isExtended ? 2 : 1, capabilities) is not { } error)
        {
            return (null, BgpNotification.Of(NotificationCode.OpenMessage));
        }

        return error.Code != 0
            ? (null, error)
            : (new OpenMessage
            {
                MyAs = BinaryPrimitives.ReadUInt16BigEndian(body[1..]),
                HoldSeconds = BinaryPrimitives.ReadUInt16BigEndian(body[3..]),
                RouterId = BinaryPrimitives.ReadUInt32BigEndian(body[5..]),
                Capabilities = capabilities.ToImmutable(),
            }, null);
    }

    /// <summary>Capabilities in the data of a NOTIFICATION 2/7 (RFC 5492 §3); what cannot be read ends the list.</summary>
    public static ImmutableArray<Capability> ReadCapabilities(ReadOnlySpan<byte> data)
    {
        var capabilities = ImmutableArray.CreateBuilder<Capability>();
        _ = AddCapabilities(data, capabilities);
        return capabilities.ToImmutable();
    }

    /// <summary>The data of a NOTIFICATION 2/7 that names <paramref name="capability"/>.</summary>
    public static byte[] CapabilityData(Capability capability) => [(byte)capability.Code, (byte)capability.Value.Length, .. capability.Value];

    /// <returns>Null: malformed. An error with code 0: well.</returns>
    private static BgpNotification? ReadParameters(ReadOnlySpan<byte> rest, int lengthOctets, ImmutableArray<Capability>.Builder capabilities)
    {
        while (!rest.IsEmpty)
        {
            if (rest.Length < 1 + lengthOctets)
            {
                return null;
            }

            byte type = rest[0];
            int length = lengthOctets == 2 ? BinaryPrimitives.ReadUInt16BigEndian(rest[1..]) : rest[1];
            rest = rest[(1 + lengthOctets)..];
            if (length > rest.Length)
            {
                return null;
            }

            if (type != CapabilitiesParameter)
            {
                return BgpNotification.Of(NotificationCode.OpenMessage, 4);
            }

            if (!AddCapabilities(rest[..length], capabilities))
            {
                return null;
            }

            rest = rest[length..];
        }

        return BgpNotification.Of(0);
    }

    private static bool AddCapabilities(ReadOnlySpan<byte> rest, ImmutableArray<Capability>.Builder capabilities)
    {
        while (!rest.IsEmpty)
        {
            if (rest.Length < 2 || rest[1] > rest.Length - 2)
            {
                return false;
            }

            if (capabilities.Count < MaxCapabilities)
            {
                capabilities.Add(new Capability((CapabilityCode)rest[0], rest.Slice(2, rest[1]).ToArray()));
            }

            rest = rest[(2 + rest[1])..];
        }

        return true;
    }
}
