using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace OrleansCdn.Edge.Cache.Disk;

/// <summary>The first 128 bits of SHA-256 over site and URL: nobody can aim for a collision, and the record names the whole key.</summary>
internal readonly record struct DiskKey(ulong High, ulong Low)
{
    private const int StackBytes = 512;

    public static DiskKey Of(CacheKey key)
    {
        int longest = Encoding.UTF8.GetMaxByteCount(key.Site.Length + key.Authority.Length + key.Target.Length + 2);
        byte[]? rented = longest > StackBytes ? ArrayPool<byte>.Shared.Rent(longest) : null;
        Span<byte> text = rented ?? stackalloc byte[StackBytes];
        int length = Encoding.UTF8.GetBytes(key.Site, text);
        text[length++] = key.IsHttps ? (byte)'\t' : (byte)'\n'; // in no site's id
        length += Encoding.UTF8.GetBytes(key.Authority, text[length..]);
        length += Encoding.UTF8.GetBytes(key.Target, text[length..]); // begins with a slash, which no authority has
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text[..length], hash);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        return new DiskKey(BinaryPrimitives.ReadUInt64LittleEndian(hash), BinaryPrimitives.ReadUInt64LittleEndian(hash[8..]));
    }

    /// <summary>Tells the variants of one key apart (RFC 9111 §4.1). Two that collide take each other's place.</summary>
    public static uint Variant(VarySelector vary)
    {
        uint crc = Crc32C.Start;
        foreach (string name in vary.Names)
        {
            crc = Crc32C.Add(crc, Encoding.UTF8.GetBytes(name + "\n"));
        }

        foreach (string value in vary.Values)
        {
            crc = Crc32C.Add(crc, Encoding.UTF8.GetBytes(value + "\n"));
        }

        return Crc32C.End(crc);
    }
}
