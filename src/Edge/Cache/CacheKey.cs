using System.Security.Cryptography;
using System.Text;

namespace OrleansCdn.Edge.Cache;

/// <summary>
/// What makes two requests the same: site, scheme, authority, and the exact path and query that are forwarded. Nothing
/// is decoded or reordered.
/// </summary>
/// <param name="Site">Site id.</param>
/// <param name="IsHttps">Scheme as the visitor used it.</param>
/// <param name="Authority">Lower case; the scheme's default port is left out.</param>
/// <param name="Target">Path and query as received, beginning with <c>/</c>.</param>
public readonly record struct CacheKey(string Site, bool IsHttps, string Authority, string Target)
{
    public bool Equals(CacheKey other) =>
        IsHttps == other.IsHttps
        && string.Equals(Target, other.Target, StringComparison.Ordinal)
        && string.Equals(Authority, other.Authority, StringComparison.Ordinal)
        && string.Equals(Site, other.Site, StringComparison.Ordinal);

    // The site follows from the authority within one config, so it adds nothing to the hash. Marvin hashing is keyed per
    // process: visitors cannot aim for collisions.
    public override int GetHashCode() => HashCode.Combine(
        string.GetHashCode(Target, StringComparison.Ordinal), string.GetHashCode(Authority, StringComparison.Ordinal), IsHttps);

    /// <summary>The URL as purges name it.</summary>
    public string Url => $"{(IsHttps ? "https" : "http")}://{Authority}{Target}";

    /// <summary>The same on every edge: the first 128 bits of SHA-256, hexadecimal.</summary>
    public string GlobalHash()
    {
        byte[] hash = SHA256.HashData(Encoding.Latin1.GetBytes($"{Site}\n{Url}"));
        return Convert.ToHexStringLower(hash.AsSpan(0, 16));
    }
}
