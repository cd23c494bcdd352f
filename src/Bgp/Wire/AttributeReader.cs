using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Net;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Bgp.Wire;

/// <summary>The path attributes of one UPDATE: RFC 4271 §5 with the error handling of RFC 7606 §3 and §7.</summary>
internal sealed class AttributeReader(bool isFourOctet, UpdateReader.Prefixes prefixes)
{
    private const byte OptionalBit = 0x80;
    private const byte TransitiveBit = 0x40;
    private const byte ExtendedLengthBit = 0x10;

    private readonly HashSet<byte> _seen = [];
    private readonly List<Community> _communities = [];
    private BgpOrigin _origin;
    private ImmutableArray<uint> _path = [];
    private ImmutableArray<uint> _as4Path = [];
    private IPAddress? _nextHopIpv4;
    private IPAddress? _nextHopIpv6;
    private uint? _metric;

    /// <summary>Something in it calls for treat-as-withdraw.</summary>
    public bool IsMalformed { get; private set; }

    /// <summary>The only attribute is an MP_UNREACH_NLRI without prefixes: End-of-RIB of <see cref="UnreachFamily"/>.</summary>
    public bool IsEmptyUnreach => _seen.Count == 1 && UnreachFamily is not null && prefixes.Withdrawn.Count == 0;

    public AddressFamily? UnreachFamily { get; private set; }

    /// <param name="rest">The whole field.</param>
    /// <param name="isTruncated">The last attribute goes beyond the field: RFC 7606 §4 treats the message as a withdrawal.</param>
    /// <returns>Null: nothing that ends the session.</returns>
    public BgpNotification? Read(ReadOnlySpan<byte> rest, out bool isTruncated)
    {
        isTruncated = false;
        while (!rest.IsEmpty)
        {
            int head = (rest[0] & ExtendedLengthBit) != 0 ? 4 : 3;
            if (rest.Length < head)
            {
                isTruncated = true;
                return null;
            }

            byte flags = rest[0];
            var type = (AttributeType)rest[1];
            int length = head == 4 ? BinaryPrimitives.ReadUInt16BigEndian(rest[2..]) : rest[2];
            if (length > rest.Length - head)
            {
                isTruncated = true;
                return null;
            }

            ReadOnlySpan<byte> value = rest.Slice(head, length);
            rest = rest[(head + length)..];
            bool isFirst = _seen.Add((byte)type);
            if (!isFirst)
            {
                // RFC 7606 §3(g): the prefixes of a second one contradict; of others the first counts.
                if (type is AttributeType.MpReachNlri or AttributeType.MpUnreachNlri)
                {
                    return UpdateReader.Malformed(AttributeType.Origin);
                }

                continue;
            }

            if (!Take(type, flags, value) && type is AttributeType.MpReachNlri or AttributeType.MpUnreachNlri)
            {
                return UpdateReader.Malformed(type);
            }
        }

        return null;
    }

    /// <summary>ORIGIN, AS_PATH and, with IPv4 prefixes in the message's own field, NEXT_HOP: RFC 7606 §3(d).</summary>
    public bool LacksMandatory(bool hasIpv4) =>
        !_seen.Contains((byte)AttributeType.Origin) || !_seen.Contains((byte)AttributeType.AsPath) || (hasIpv4 && _nextHopIpv4 is null);

    public UpdateMessage Message() => new()
    {
        Origin = _origin,
        AsPath = Merge(),
        NextHopIpv4 = _nextHopIpv4,
        NextHopIpv6 = _nextHopIpv6,
        MultiExitDiscriminator = _metric,
        Communities = [.. _communities],
    };

    /// <returns>False: malformed.</returns>
    private bool Take(AttributeType type, byte flags, ReadOnlySpan<byte> value)
    {
        bool isWell = type switch
        {
            AttributeType.Origin => Flags(flags, TransitiveBit) && Origin(value),
            AttributeType.AsPath => Flags(flags, TransitiveBit) && Path(value, isFourOctet ? 4 : 2, out _path),
            AttributeType.NextHop => Flags(flags, TransitiveBit) && NextHop(value),
            AttributeType.MultiExitDiscriminator => Flags(flags, OptionalBit) && Metric(value),
            AttributeType.Communities => Flags(flags, OptionalBit | TransitiveBit) && Communities(value, CommunityKind.Standard, 4),
            AttributeType.ExtendedCommunities => Flags(flags, OptionalBit | TransitiveBit) && Communities(value, CommunityKind.Extended, 8),
            AttributeType.LargeCommunities => Flags(flags, OptionalBit | TransitiveBit) && Communities(value, CommunityKind.Large, 12),
            AttributeType.MpReachNlri => Reach(value),
            AttributeType.MpUnreachNlri => Unreach(value),

            // RFC 6793 §6: a malformed AS4_PATH is discarded, no more; towards speakers of four octets it does not count.
            AttributeType.As4Path => isFourOctet || Path(value, 4, out _as4Path) || true,
            _ => true,
        };
        IsMalformed |= !isWell;
        return isWell;
    }

    private static bool Flags(byte flags, byte wanted) => (flags & (OptionalBit | TransitiveBit)) == wanted;

    private bool Origin(ReadOnlySpan<byte> value)
    {
        if (value is not [<= (byte)BgpOrigin.Incomplete])
        {
            return false;
        }

        _origin = (BgpOrigin)value[0];
        return true;
    }

    private bool NextHop(ReadOnlySpan<byte> value)
    {
        if (value.Length != 4)
        {
            return false;
        }

        _nextHopIpv4 = new IPAddress(value);
        return true;
    }

    private bool Metric(ReadOnlySpan<byte> value)
    {
        if (value.Length != 4)
        {
            return false;
        }

        _metric = BinaryPrimitives.ReadUInt32BigEndian(value);
        return true;
    }

    private static bool Path(ReadOnlySpan<byte> value, int width, out ImmutableArray<uint> path)
    {
        path = [];
        var all = ImmutableArray.CreateBuilder<uint>();
        while (!value.IsEmpty)
        {
            // Types 1 to 4: RFC 4271 §4.3 and RFC 5065; RFC 7606 §7.2 counts an empty segment as malformed.
            if (value.Length < 2 || value[0] is 0 or > 4 || value[1] == 0 || value.Length < 2 + (value[1] * width))
            {
                return false;
            }

            int count = value[1];
            for (int i = 0; i < count; i++)
            {
                ReadOnlySpan<byte> asn = value[(2 + (i * width))..];
                all.Add(width == 4 ? BinaryPrimitives.ReadUInt32BigEndian(asn) : BinaryPrimitives.ReadUInt16BigEndian(asn));
            }

            value = value[(2 + (count * width))..];
        }

        path = all.ToImmutable();
        return true;
    }

    private bool Communities(ReadOnlySpan<byte> value, CommunityKind kind, int width)
    {
        if (value.IsEmpty || value.Length % width != 0)
        {
            return false;
        }

        for (; !value.IsEmpty; value = value[width..])
        {
            uint first = BinaryPrimitives.ReadUInt32BigEndian(value);
            _communities.Add(new Community(
                kind,
                first,
                width > 4 ? BinaryPrimitives.ReadUInt32BigEndian(value[4..]) : 0,
                width > 8 ? BinaryPrimitives.ReadUInt32BigEndian(value[8..]) : 0));
        }

        return true;
    }

    private bool Reach(ReadOnlySpan<byte> value)
    {
        if (value.Length < 5 || value[3] > value.Length - 5)
        {
            return false;
        }

        ReadOnlySpan<byte> nextHop = value.Slice(4, value[3]);
        if (Family(value) is not { } family)
        {
            // A family that was not negotiated is ignored: RFC 4760 §6.
            return true;
        }

        // 32 octets: a link-local one behind the global one (RFC 2545 §3).
        if (family == AddressFamily.Ipv4Unicast ? nextHop.Length != 4 : nextHop.Length is not (16 or 32))
        {
            return false;
        }

        if (family == AddressFamily.Ipv4Unicast)
        {
            _nextHopIpv4 = new IPAddress(nextHop);
        }
        else
        {
            _nextHopIpv6 = new IPAddress(nextHop[..16]);
        }

        return prefixes.AddAnnounced(value[(5 + nextHop.Length)..], family);
    }

    private bool Unreach(ReadOnlySpan<byte> value)
    {
        if (value.Length < 3)
        {
            return false;
        }

        UnreachFamily = Family(value);
        return UnreachFamily is not { } family || prefixes.AddWithdrawn(value[3..], family);
    }

    private static AddressFamily? Family(ReadOnlySpan<byte> value) =>
        value is [0, 1 or 2, AddressFamilyExtensions.Unicast, ..] ? (AddressFamily)value[1] : null;

    /// <summary>RFC 6793 §4.2.3: the part that old speakers added, then what AS4_PATH has kept.</summary>
    private ImmutableArray<uint> Merge() =>
        isFourOctet || _as4Path.IsEmpty || _as4Path.Length > _path.Length ? _path : [.. _path[..(_path.Length - _as4Path.Length)], .. _as4Path];
}
