using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Primitives;

namespace OrleansCdn.Edge.Rules;

/// <summary>A site's secret for requests that are explained. Digests are compared: neither time nor length tells how near a guess was.</summary>
internal sealed class DebugKey
{
    /// <summary>Of the longest key that a config can have; what is longer is not even hashed.</summary>
    private const int MaxLength = 128;

    private readonly byte[] _digest;

    private DebugKey(string key) => _digest = Digest(key);

    /// <summary>Null for null.</summary>
    public static DebugKey? Of(string? key) => key is null ? null : new DebugKey(key);

    /// <param name="lines">Of the request's field; several are no key.</param>
    public bool IsGiven(StringValues lines) =>
        lines.Count == 1 && lines[0] is { Length: <= MaxLength } given && CryptographicOperations.FixedTimeEquals(Digest(given), _digest);

    private static byte[] Digest(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
