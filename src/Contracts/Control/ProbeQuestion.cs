using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace OrleansCdn.Contracts.Control;

/// <summary>
/// What an announcer asks its own edge over the listeners, and at the addresses, that visitors use: are you there, and is it you? The answer
/// repeats the question, so that it is no other PoP's behind the same anycast address, no other program's on the port, and no cache's.
/// Who asks knows the names; they are told to nobody who does not.
/// </summary>
/// <param name="Pop">Of the edge that is meant.</param>
/// <param name="Edge">Its name.</param>
/// <param name="Nonce">Random: 1 to <see cref="MaxNonceLength"/> hexadecimal digits in small letters.</param>
public sealed record ProbeQuestion(string Pop, string Edge, string Nonce)
{
    /// <summary>No name under <c>invalid</c> exists (RFC 6761 §6.4): no site's visitor can ask for it, and the sites' own paths stay theirs.</summary>
    public const string Host = "probe.cdn.invalid";

    /// <summary>Followed by PoP, edge and nonce, each after a slash.</summary>
    public const string PathPrefix = "/.well-known/cdn/probe/";

    /// <summary>128 bits.</summary>
    public const int MaxNonceLength = 32;

    private const int Parts = 3;

    private static readonly SearchValues<char> NonceChars = SearchValues.Create("0123456789abcdef");

    public string Path => $"{PathPrefix}{Pop}/{Edge}/{Nonce}";

    /// <summary>The whole body of the right answer.</summary>
    public string Answer => $"cdn-probe {Pop}/{Edge} {Nonce}\n";

    public static bool TryParse(string path, [NotNullWhen(true)] out ProbeQuestion? question)
    {
        question = null;
        if (!path.StartsWith(PathPrefix, StringComparison.Ordinal))
        {
            return false;
        }

        ReadOnlySpan<char> rest = path.AsSpan(PathPrefix.Length);
        Span<Range> parts = stackalloc Range[Parts + 1];
        if (rest.Split(parts, '/') != Parts || !IsNonce(rest[parts[2]]))
        {
            return false;
        }

        question = new ProbeQuestion(rest[parts[0]].ToString(), rest[parts[1]].ToString(), rest[parts[2]].ToString());
        return true;
    }

    private static bool IsNonce(ReadOnlySpan<char> text) =>
        text.Length is > 0 and <= MaxNonceLength && !text.ContainsAnyExcept(NonceChars);
}
