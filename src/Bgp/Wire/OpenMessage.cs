using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;

namespace OrleansCdn.Bgp.Wire;

/// <summary>Capability codes of IANA's registry that have a meaning or a name here.</summary>
public enum CapabilityCode : byte
{
    /// <summary>RFC 4760 §8.</summary>
    Multiprotocol = 1,

    /// <summary>RFC 2918.</summary>
    RouteRefresh = 2,

    /// <summary>RFC 8950.</summary>
    ExtendedNextHop = 5,

    /// <summary>RFC 8654.</summary>
    ExtendedMessage = 6,

    /// <summary>RFC 9234.</summary>
    Role = 9,

    /// <summary>RFC 4724.</summary>
    GracefulRestart = 64,

    /// <summary>RFC 6793.</summary>
    FourOctetAs = 65,

    /// <summary>RFC 7911.</summary>
    AddPath = 69,

    /// <summary>RFC 7313.</summary>
    EnhancedRouteRefresh = 70,

    /// <summary>RFC 9494.</summary>
    LongLivedGracefulRestart = 71,
}

/// <summary>One capability as it is on the wire (RFC 5492 §4).</summary>
/// <param name="Code">Also one that nobody here knows.</param>
/// <param name="Value">At most 255 octets.</param>
public sealed record Capability(CapabilityCode Code, byte[] Value)
{
    public static Capability Multiprotocol(AddressFamily family) => new(CapabilityCode.Multiprotocol, [0, (byte)family, 0, AddressFamilyExtensions.Unicast]);

    public static Capability FourOctetAs(uint asn)
    {
        byte[] value = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(value, asn);
        return new Capability(CapabilityCode.FourOctetAs, value);
    }

    public static readonly Capability RouteRefresh = new(CapabilityCode.RouteRefresh, []);

    /// <summary>The family of a multiprotocol capability that is spoken here; null: another family, or another capability.</summary>
    public AddressFamily? Family() =>
        Code == CapabilityCode.Multiprotocol && Value is [0, 1 or 2, _, AddressFamilyExtensions.Unicast] ? (AddressFamily)Value[1] : null;

    public bool Equals(Capability? other) => other is not null && Code == other.Code && Value.AsSpan().SequenceEqual(other.Value);

    public override int GetHashCode() => HashCode.Combine(Code, Value.Length);

    /// <summary>In words: <c>multiprotocol ipv6-unicast</c>, <c>4-octet AS 64515</c>.</summary>
    public override string ToString() => Code switch
    {
        CapabilityCode.Multiprotocol when Family() is { } family => $"multiprotocol {family.InWords()}",
        CapabilityCode.Multiprotocol when Value.Length == 4 =>
            string.Create(CultureInfo.InvariantCulture, $"multiprotocol {BinaryPrimitives.ReadUInt16BigEndian(Value)}/{Value[3]}"),
        CapabilityCode.RouteRefresh => "route-refresh",
        CapabilityCode.ExtendedNextHop => "extended-next-hop",
        CapabilityCode.ExtendedMessage => "extended-message",
        CapabilityCode.Role => "role",
        CapabilityCode.GracefulRestart => "graceful-restart",
        CapabilityCode.FourOctetAs when Value.Length == 4 => string.Create(CultureInfo.InvariantCulture, $"4-octet AS {BinaryPrimitives.ReadUInt32BigEndian(Value)}"),
        CapabilityCode.AddPath => "add-path",
        CapabilityCode.EnhancedRouteRefresh => "enhanced-route-refresh",
        CapabilityCode.LongLivedGracefulRestart => "long-lived-graceful-restart",
        _ => string.Create(CultureInfo.InvariantCulture, $"capability {(byte)Code}"),
    };
}

/// <summary>An OPEN (RFC 4271 §4.2).</summary>
public sealed record OpenMessage
{
    public byte Version { get; init; } = BgpWire.Version;

    /// <summary>Two octets; <see cref="BgpWire.AsTrans"/> stands for one that needs four.</summary>
    public required ushort MyAs { get; init; }

    /// <summary>0, or 3 s and more.</summary>
    public required ushort HoldSeconds { get; init; }

    public required uint RouterId { get; init; }

    public required ImmutableArray<Capability> Capabilities { get; init; }

    /// <summary>RFC 6793: of the capability where there is one.</summary>
    public uint Asn
    {
        get
        {
            foreach (Capability capability in Capabilities)
            {
                if (capability is { Code: CapabilityCode.FourOctetAs, Value.Length: 4 })
                {
                    return BinaryPrimitives.ReadUInt32BigEndian(capability.Value);
                }
            }

            return MyAs;
        }
    }

    public bool Has(CapabilityCode code) => Capabilities.Any(c => c.Code == code);

    /// <summary>RFC 4760: without any multiprotocol capability IPv4 unicast alone.</summary>
    public AddressFamilies Families()
    {
        AddressFamilies families = AddressFamilies.None;
        foreach (Capability capability in Capabilities)
        {
            families |= capability.Family()?.AsFlag() ?? AddressFamilies.None;
        }

        return Has(CapabilityCode.Multiprotocol) ? families : AddressFamilies.Ipv4;
    }

    /// <summary>Dotted quad.</summary>
    public static string Quad(uint id) => string.Create(CultureInfo.InvariantCulture, $"{id >> 24}.{(id >> 16) & 0xff}.{(id >> 8) & 0xff}.{id & 0xff}");
}
