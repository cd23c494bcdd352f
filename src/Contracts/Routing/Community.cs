using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrleansCdn.Contracts.Routing;

public enum CommunityKind
{
    /// <summary>RFC 1997: 4 octets, <c>64500:120</c>.</summary>
    Standard,

    /// <summary>RFC 4360: 8 octets, <c>ext:0x0002fbf400000078</c>; route targets and origins of 2-octet AS numbers also as <c>rt:64500:120</c>, <c>ro:64500:120</c>.</summary>
    Extended,

    /// <summary>RFC 8092: 12 octets, <c>64500:1:120</c>.</summary>
    Large,
}

/// <summary>One BGP community of any kind, in the order of its octets on the wire.</summary>
/// <param name="Kind">Which attribute it belongs to.</param>
/// <param name="First">Standard: both halves. Extended: octets 0 to 3. Large: the global administrator.</param>
/// <param name="Second">Standard: 0. Extended: octets 4 to 7. Large: local data 1.</param>
/// <param name="Third">Large: local data 2; else 0.</param>
[JsonConverter(typeof(CommunityConverter))]
public readonly record struct Community(CommunityKind Kind, uint First, uint Second, uint Third)
{
    /// <summary>RFC 8326: the route is about to go.</summary>
    public static readonly Community GracefulShutdown = Standard(65535, 0);

    /// <summary>RFC 1997: not to other autonomous systems.</summary>
    public static readonly Community NoExport = Standard(65535, 65281);

    public static Community Standard(ushort high, ushort low) => new(CommunityKind.Standard, ((uint)high << 16) | low, 0, 0);

    public static Community Large(uint global, uint data1, uint data2) => new(CommunityKind.Large, global, data1, data2);

    public static Community Extended(ulong octets) => new(CommunityKind.Extended, (uint)(octets >> 32), (uint)octets, 0);

    /// <summary>Octets on the wire: 4, 8 or 12.</summary>
    public int Length => Kind switch { CommunityKind.Standard => 4, CommunityKind.Extended => 8, _ => 12 };

    /// <summary>Writes <see cref="Length"/> octets, most significant first.</summary>
    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt32BigEndian(destination, First);
        if (Kind != CommunityKind.Standard)
        {
            BinaryPrimitives.WriteUInt32BigEndian(destination[4..], Second);
        }

        if (Kind == CommunityKind.Large)
        {
            BinaryPrimitives.WriteUInt32BigEndian(destination[8..], Third);
        }
    }

    public static Community Parse(string text) =>
        TryParse(text, out Community value) ? value : throw new FormatException($"'{text}' is not a community: write 64500:120, 64500:1:120, rt:64500:120, ro:64500:120 or ext:0x0002fbf400000078");

    public static bool TryParse(string? text, out Community value)
    {
        value = default;
        switch ((text ?? "").Split(':'))
        {
            case ["ext", ['0', 'x', .. { Length: 16 } hex]] when ulong.TryParse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong octets):
                value = Extended(octets);
                return true;
            case [("rt" or "ro") and var kind, var asn, var local] when Number(asn, ushort.MaxValue, out uint a) && Number(local, uint.MaxValue, out uint b):
                // Types 0x00 0x02 and 0x00 0x03 of RFC 4360 §4 and §5.
                value = new Community(CommunityKind.Extended, (kind == "rt" ? 0x0002_0000u : 0x0003_0000u) | a, b, 0);
                return true;
            case [var high, var low] when Number(high, ushort.MaxValue, out uint h) && Number(low, ushort.MaxValue, out uint l):
                value = Standard((ushort)h, (ushort)l);
                return true;
            case [var global, var data1, var data2] when Number(global, uint.MaxValue, out uint g) && Number(data1, uint.MaxValue, out uint d1) && Number(data2, uint.MaxValue, out uint d2):
                value = Large(g, d1, d2);
                return true;
            default:
                return false;
        }
    }

    public override string ToString() => Kind switch
    {
        CommunityKind.Standard => string.Create(CultureInfo.InvariantCulture, $"{First >> 16}:{First & 0xffff}"),
        CommunityKind.Large => string.Create(CultureInfo.InvariantCulture, $"{First}:{Second}:{Third}"),
        _ => (First >> 16) switch
        {
            0x0002 => string.Create(CultureInfo.InvariantCulture, $"rt:{First & 0xffff}:{Second}"),
            0x0003 => string.Create(CultureInfo.InvariantCulture, $"ro:{First & 0xffff}:{Second}"),
            _ => string.Create(CultureInfo.InvariantCulture, $"ext:0x{First:x8}{Second:x8}"),
        },
    };

    /// <summary>By kind, then by the octets on the wire.</summary>
    public static int Compare(Community left, Community right) =>
        (left.Kind, left.First, left.Second, left.Third).CompareTo((right.Kind, right.First, right.Second, right.Third));

    private static bool Number(string text, uint max, out uint value) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value <= max && (text.Length == 1 || text[0] != '0');
}

/// <summary>A community in its text form.</summary>
public sealed class CommunityConverter : JsonConverter<Community>
{
    public override Community Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Community.TryParse(reader.GetString(), out Community value) ? value : throw new JsonException("not a community");

    public override void Write(Utf8JsonWriter writer, Community value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
