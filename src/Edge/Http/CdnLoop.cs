using Microsoft.Extensions.Primitives;

namespace OrleansCdn.Edge.Http;

/// <summary>RFC 8586.</summary>
public static class CdnLoop
{
    /// <summary>Whether a request has been through the CDN of this id before.</summary>
    public static bool Contains(StringValues lines, string cdn)
    {
        foreach (string? line in lines)
        {
            foreach (Range range in line.AsSpan().Split(','))
            {
                ReadOnlySpan<char> member = line.AsSpan()[range];
                int parameter = member.IndexOf(';');
                if ((parameter < 0 ? member : member[..parameter]).Trim(" \t").Equals(cdn, StringComparison.OrdinalIgnoreCase))
                {
                    return true;
                }
            }
        }

        return false;
    }
}
