using System.Globalization;

namespace OrleansCdn.Dns.Wire;

/// <summary>Types as people write them; unknown ones as <c>TYPE1234</c> (RFC 3597 §5).</summary>
public static class DnsTypeText
{
    private const string Unknown = "TYPE";

    private static readonly Dictionary<string, DnsType> s_byName = Enum.GetValues<DnsType>()
        .Where(type => type != DnsType.None)
        .ToDictionary(NameOf, StringComparer.OrdinalIgnoreCase);

    private static readonly Dictionary<DnsType, string> s_names = s_byName.ToDictionary(pair => pair.Value, pair => pair.Key);

    public static string Of(DnsType type) =>
        s_names.TryGetValue(type, out string? name) ? name : Unknown + ((ushort)type).ToString(CultureInfo.InvariantCulture);

    public static bool TryParse(string text, out DnsType type)
    {
        if (s_byName.TryGetValue(text, out type))
        {
            return true;
        }

        bool isNumber = text.StartsWith(Unknown, StringComparison.OrdinalIgnoreCase)
            && ushort.TryParse(text.AsSpan(Unknown.Length), NumberStyles.None, CultureInfo.InvariantCulture, out ushort number)
            && (type = (DnsType)number) == type;
        return isNumber;
    }

    private static string NameOf(DnsType type) => type == DnsType.PtrRecord ? "PTR" : type.ToString().ToUpperInvariant();
}
