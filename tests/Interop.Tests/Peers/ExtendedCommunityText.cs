using System.Globalization;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Interop.Tests.Peers;

/// <summary>How daemons write extended communities: they leave out whether the AS number has two octets (type 0x00, RFC 4360) or four (0x02, RFC 5668).</summary>
internal static class ExtendedCommunityText
{
    public static Community Parse(ulong subtype, string asn, string local)
    {
        ulong administrator = ulong.Parse(asn, CultureInfo.InvariantCulture);
        ulong value = ulong.Parse(local, CultureInfo.InvariantCulture);
        return Community.Extended(administrator <= ushort.MaxValue
            ? (subtype << 48) | (administrator << 32) | value
            : (0x02ul << 56) | (subtype << 48) | (administrator << 16) | value);
    }
}
