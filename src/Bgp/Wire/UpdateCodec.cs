using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Net;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Bgp.Wire;

/// <summary>
/// Writes any UPDATE. It is not public: what an announcer may say goes through <see cref="AnnouncementWriter"/>, which asks the allow-list.
/// </summary>
internal static class UpdateCodec
{
    private const byte WellKnown = 0x40;
    private const byte Optional = 0x80;
    private const byte OptionalTransitive = 0xc0;
    private const byte ExtendedLength = 0x10;

    private const byte AsSequence = 2;

    /// <summary>AS numbers in one segment: its count is one octet.</summary>
    private const int MaxSegment = 255;

    /// <param name="update">IPv4 prefixes go into the fields of RFC 4271, IPv6 ones into MP_REACH_NLRI and MP_UNREACH_NLRI.</param>
    /// <param name="isFourOctet">Both sides have said that they know AS numbers of four octets (RFC 6793).</param>
    /// <returns>Null: it does not fit 4,096 octets.</returns>
    public static byte[]? Write(UpdateMessage update, bool isFourOctet)
    {
        byte[] buffer = new byte[BgpWire.MaxMessageLength];
        var writer = new Writer(buffer.AsSpan(BgpWire.HeaderLength));
        int withdrawnAt = writer.Reserve(2);
        writer.Prefixes(update.Withdrawn, AddressFamily.Ipv4Unicast);
        writer.Patch(withdrawnAt);
        int attributesAt = writer.Reserve(2);
        Attributes(ref writer, update, isFourOctet);
        writer.Patch(attributesAt);
        writer.Prefixes(update.Announced, AddressFamily.Ipv4Unicast);
        if (writer.IsFull)
        {
            return null;
        }

        int length = BgpWire.HeaderLength + writer.Length;
        BgpMessages.WriteHeader(buffer, BgpMessageType.Update, length);
        return buffer[..length];
    }

    /// <summary>
    /// MP_REACH_NLRI and MP_UNREACH_NLRI first (RFC 7606 §5.1: who finds another one malformed still knows which prefixes it was about),
    /// the others in the order of their type codes (RFC 4271 §5).
    /// </summary>
    private static void Attributes(ref Writer writer, UpdateMessage update, bool isFourOctet)
    {
        bool announces = !update.Announced.IsEmpty;
        bool hasIpv4 = Has(update.Announced, AddressFamily.Ipv4Unicast);
        if (Has(update.Announced, AddressFamily.Ipv6Unicast))
        {
            int at = writer.Begin(Optional, AttributeType.MpReachNlri, BgpWire.MaxMessageLength);
            writer.UInt16((ushort)AddressFamily.Ipv6Unicast);
            writer.Byte(AddressFamilyExtensions.Unicast);
            writer.Byte(16);
            writer.Address(update.NextHopIpv6!);
            writer.Byte(0); // Reserved: RFC 4760 §3.
            writer.Prefixes(update.Announced, AddressFamily.Ipv6Unicast);
            writer.End(at);
        }

        if (Has(update.Withdrawn, AddressFamily.Ipv6Unicast))
        {
            int at = writer.Begin(Optional, AttributeType.MpUnreachNlri, BgpWire.MaxMessageLength);
            writer.UInt16((ushort)AddressFamily.Ipv6Unicast);
            writer.Byte(AddressFamilyExtensions.Unicast);
            writer.Prefixes(update.Withdrawn, AddressFamily.Ipv6Unicast);
            writer.End(at);
        }

        if (announces)
        {
            int at = writer.Begin(WellKnown, AttributeType.Origin, 1);
            writer.Byte((byte)update.Origin);
            writer.End(at);
            AsPath(ref writer, WellKnown, AttributeType.AsPath, update.AsPath, isFourOctet);
        }

        if (hasIpv4)
        {
            int at = writer.Begin(WellKnown, AttributeType.NextHop, 4);
            writer.Address(update.NextHopIpv4!);
            writer.End(at);
        }

        if (announces && update.MultiExitDiscriminator is { } metric)
        {
            int at = writer.Begin(Optional, AttributeType.MultiExitDiscriminator, 4);
            writer.UInt32(metric);
            writer.End(at);
        }

        Communities(ref writer, AttributeType.Communities, update.Communities, CommunityKind.Standard);
        Communities(ref writer, AttributeType.ExtendedCommunities, update.Communities, CommunityKind.Extended);
        if (announces && !isFourOctet && update.AsPath.Any(asn => asn > ushort.MaxValue))
        {
            AsPath(ref writer, OptionalTransitive, AttributeType.As4Path, update.AsPath, isFourOctet: true);
        }

        Communities(ref writer, AttributeType.LargeCommunities, update.Communities, CommunityKind.Large);
    }

    private static void AsPath(ref Writer writer, byte flags, AttributeType type, ImmutableArray<uint> path, bool isFourOctet)
    {
        int at = writer.Begin(flags, type, path.Length * 4);
        for (int from = 0; from < path.Length; from += MaxSegment)
        {
            int count = Math.Min(MaxSegment, path.Length - from);
            writer.Byte(AsSequence);
            writer.Byte((byte)count);
            foreach (uint asn in path.AsSpan(from, count))
            {
                if (isFourOctet)
                {
                    writer.UInt32(asn);
                }
                else
                {
                    writer.UInt16(asn > ushort.MaxValue ? BgpWire.AsTrans : (ushort)asn);
                }
            }
        }

        writer.End(at);
    }

    private static void Communities(ref Writer writer, AttributeType type, ImmutableArray<Community> communities, CommunityKind kind)
    {
        int count = communities.Count(c => c.Kind == kind);
        if (count == 0)
        {
            return;
        }

        int at = writer.Begin(OptionalTransitive, type, BgpWire.MaxMessageLength);
        foreach (Community community in communities)
        {
            if (community.Kind == kind)
            {
                writer.Community(community);
            }
        }

        writer.End(at);
    }

    private static bool Has(ImmutableArray<IPNetwork> prefixes, AddressFamily family) => prefixes.Any(p => AddressFamilyExtensions.FamilyOf(p) == family);

    /// <summary>Writes into a bounded buffer and remembers when something did not fit.</summary>
    private ref struct Writer(Span<byte> buffer)
    {
        private readonly Span<byte> _buffer = buffer;

        public int Length { get; private set; }

        public bool IsFull { get; private set; }

        public int Reserve(int octets)
        {
            int at = Length;
            _ = Take(octets);
            return at;
        }

        /// <summary>Puts what was written since into the two octets at <paramref name="at"/>.</summary>
        public readonly void Patch(int at)
        {
            if (!IsFull)
            {
                BinaryPrimitives.WriteUInt16BigEndian(_buffer[at..], (ushort)(Length - at - 2));
            }
        }

        /// <summary>The length has two octets where it might need them; <see cref="End"/> takes one back where it does not.</summary>
        public int Begin(byte flags, AttributeType type, int mostOctets)
        {
            int at = Length;
            Byte((byte)(mostOctets > byte.MaxValue ? flags | ExtendedLength : flags));
            Byte((byte)type);
            _ = Take(mostOctets > byte.MaxValue ? 2 : 1);
            return at;
        }

        public void End(int at)
        {
            if (IsFull)
            {
                return;
            }

            if ((_buffer[at] & ExtendedLength) == 0)
            {
                _buffer[at + 2] = (byte)(Length - at - 3);
                return;
            }

            int length = Length - at - 4;
            if (length > byte.MaxValue)
            {
                BinaryPrimitives.WriteUInt16BigEndian(_buffer[(at + 2)..], (ushort)length);
                return;
            }

            // RFC 4271 §4.3 lets short ones have an extended length; old readers like it less.
            _buffer[at] &= unchecked((byte)~ExtendedLength);
            _buffer[at + 2] = (byte)length;
            _buffer.Slice(at + 4, length).CopyTo(_buffer[(at + 3)..]);
            Length--;
        }

        public void Byte(byte value)
        {
            Span<byte> room = Take(1);
            if (!room.IsEmpty)
            {
                room[0] = value;
            }
        }

        public void UInt16(ushort value)
        {
            Span<byte> room = Take(2);
            if (!room.IsEmpty)
            {
                BinaryPrimitives.WriteUInt16BigEndian(room, value);
            }
        }

        public void UInt32(uint value)
        {
            Span<byte> room = Take(4);
            if (!room.IsEmpty)
            {
                BinaryPrimitives.WriteUInt32BigEndian(room, value);
            }
        }

        public void Address(IPAddress address)
        {
            Span<byte> octets = stackalloc byte[16];
            _ = address.TryWriteBytes(octets, out int length);
            Span<byte> room = Take(length);
            if (!room.IsEmpty)
            {
                octets[..length].CopyTo(room);
            }
        }

        public void Community(Community community)
        {
            Span<byte> room = Take(community.Length);
            if (!room.IsEmpty)
            {
                community.Write(room);
            }
        }

        public void Prefixes(ImmutableArray<IPNetwork> prefixes, AddressFamily family)
        {
            foreach (IPNetwork prefix in prefixes)
            {
                if (AddressFamilyExtensions.FamilyOf(prefix) == family)
                {
                    Span<byte> room = Take(PrefixCodec.LengthOf(prefix));
                    if (!room.IsEmpty)
                    {
                        _ = PrefixCodec.Write(prefix, room);
                    }
                }
            }
        }

        private Span<byte> Take(int octets)
        {
            if (IsFull || octets > _buffer.Length - Length)
            {
                IsFull = true;
                return default;
            }

            Span<byte> room = _buffer.Slice(Length, octets);
            Length += octets;
            return room;
        }
    }
}
