using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace OrleansCdn.Silo.Auth;

internal sealed record TokenEntry(string Name, ImmutableArray<byte> Sha256, Scope Scopes)
{
    public PurgeGrant Grant { get; init; } = PurgeGrant.Everything;
}

/// <summary>The tokens that are allowed, as hashes; immutable.</summary>
internal sealed class TokenStore(ImmutableArray<TokenEntry> entries)
{
    /// <summary>Longer ones are nobody's: a token that this program makes has 47 characters.</summary>
    public const int MaxTokenLength = 512;

    public ImmutableArray<TokenEntry> Entries => entries;

    /// <summary>
    /// Compares with every entry in constant time, so that the time says neither how much of a token was right nor where it
    /// stands in the file.
    /// </summary>
    public TokenEntry? Find(string token)
    {
        if (token.Length is 0 or > MaxTokenLength)
        {
            return null;
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(token), hash);
        TokenEntry? found = null;
        foreach (TokenEntry entry in entries)
        {
            found = CryptographicOperations.FixedTimeEquals(entry.Sha256.AsSpan(), hash) ? entry : found;
        }

        return found;
    }
}
