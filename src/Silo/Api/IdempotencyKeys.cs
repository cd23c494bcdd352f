using System.Buffers.Binary;
using System.Buffers.Text;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Primitives;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;

namespace OrleansCdn.Silo.Api;

/// <summary>Turns <c>Idempotency-Key</c> into what is stored of it.</summary>
internal static class IdempotencyKeys
{
    /// <returns>No key and no error: none was sent.</returns>
    public static (PurgeKey? Key, string? Error) Read(HttpRequest request, PurgeAppend append)
    {
        StringValues field = request.Headers[ApiRoutes.IdempotencyKey];
        if (field.Count == 0)
        {
            return (null, null);
        }

        string text = field.ToString();
        if (field.Count > 1 || text.Length is 0 or > ApiRoutes.MaxIdempotencyKeyLength || text.Any(c => c is <= ' ' or >= '\x7f'))
        {
            return (null, $"'{ApiRoutes.IdempotencyKey}' is one text of 1 to {ApiRoutes.MaxIdempotencyKeyLength} printable ASCII characters without spaces, for example a UUID.");
        }

        return (new PurgeKey(Hash([append.Who, text]), Hash([append.Site, append.Kind.ToString(), append.Soft ? "soft" : "hard", .. append.Values])), null);
    }

    /// <summary>Each text with its length before it, so that no two lists are written alike.</summary>
    private static string Hash(ImmutableArray<string> texts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[sizeof(int)];
        foreach (string text in texts)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
            hash.AppendData(length);
            hash.AppendData(bytes);
        }

        return Base64Url.EncodeToString(hash.GetHashAndReset());
    }
}
