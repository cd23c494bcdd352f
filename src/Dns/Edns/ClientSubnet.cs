using System.Buffers.Binary;

namespace OrleansCdn.Dns.Edns;

/// <summary>RFC 7871 §6, as a query carries it.</summary>
public readonly struct ClientSubnet
{
    public const ushort Ipv4Family = 1;
    public const ushort Ipv6Family = 2;

    /// <summary>FAMILY, SOURCE PREFIX-LENGTH, SCOPE PREFIX-LENGTH.</summary>
    public const int HeaderLength = 4;

    public ushort Family { get; private init; }

    /// <summary>Bits that the resolver says; 0: the client is not to be looked at.</summary>
    public byte SourceBits { get; private init; }

    /// <summary>An IPv4 address in the low 32 bits; bits beyond <see cref="SourceBits"/> are 0.</summary>
    public UInt128 Address { get; private init; }

    public bool IsIpv4 => Family == Ipv4Family;

    public int AddressOctets => (SourceBits + 7) / 8;

    /// <summary>
    /// Everything that RFC 7871 §6 and §7.1.2 call for: a scope of 0, as many octets of address as the length says, nothing set
    /// beyond it, a family that is known (or none at all, with a length of 0, as some resolvers opt out).
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> option, out ClientSubnet subnet)
    {
        subnet = default;
        if (option.Length < HeaderLength)
        {
            return false;
        }

        ushort family = BinaryPrimitives.ReadUInt16BigEndian(option);
        int bits = option[2];
        int width = family switch { Ipv4Family => 32, Ipv6Family => 128, _ => 0 };
        ReadOnlySpan<byte> octets = option[HeaderLength..];
        if (family > Ipv6Family || option[3] != 0 || bits > width || octets.Length != (bits + 7) / 8)
        {
            return false;
        }

        UInt128 address = 0;
        foreach (byte octet in octets)
        {
            address = (address << 8) | octet;
        }

        if ((address & ((UInt128.One << ((8 * octets.Length) - bits)) - 1)) != 0)
        {
            return false;
        }

        if (width > 0)
        {
            address <<= width - (8 * octets.Length);
        }

        subnet = new ClientSubnet { Family = family, SourceBits = (byte)bits, Address = octets.IsEmpty ? 0 : address };
        return true;
    }

    /// <summary>The option of an answer: what was asked, and how much of it counted (RFC 7871 §7.2.1).</summary>
    public int Write(int scope, Span<byte> to)
    {
        BinaryPrimitives.WriteUInt16BigEndian(to, Family);
        to[2] = SourceBits;
        to[3] = (byte)scope;
        int width = IsIpv4 ? 4 : 16;
        for (int i = 0; i < AddressOctets; i++)
        {
            to[HeaderLength + i] = (byte)(Address >> (8 * (width - 1 - i)));
        }

        return HeaderLength + AddressOctets;
    }
}
