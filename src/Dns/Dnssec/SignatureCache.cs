using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace OrleansCdn.Dns.Dnssec;

/// <summary>
/// Signatures by key and by the hash that was signed, which stands for records and validity: what is found is always right, and what nobody asks for
/// any more is written over. Sets of four places; no lock, since a place is one reference.
/// </summary>
internal sealed class SignatureCache
{
    private const int Ways = 4;

    private readonly Entry?[] _places;
    private readonly int _mask;

    private sealed class Entry(Vector256<byte> digest, byte[] key, byte[] signature)
    {
        public readonly Vector256<byte> Digest = digest;

        /// <summary>Data of its DNSKEY record: two keys can have the same tag.</summary>
        public readonly byte[] Key = key;

        public readonly byte[] Signature = signature;

        /// <summary>Asked for since the last look for room. Threads may race for it: at worst a useful one goes.</summary>
        public bool IsUsed;
    }

    /// <param name="capacity">A power of two; an entry is about 190 bytes.</param>
    public SignatureCache(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(System.Numerics.BitOperations.IsPow2(capacity) && capacity >= Ways, true, nameof(capacity));
        _places = new Entry?[capacity];
        _mask = (capacity / Ways) - 1;
    }

    /// <param name="digest">SHA-256.</param>
    public bool TryGet(ReadOnlySpan<byte> digest, SigningKey key, Span<byte> signature)
    {
        Vector256<byte> wanted = Vector256.Create(digest);
        foreach (ref readonly Entry? place in Set(digest))
        {
            Entry? entry = Volatile.Read(in place);
            if (entry is not null && entry.Digest == wanted && entry.Key.AsSpan().SequenceEqual(key.Rdata))
            {
                entry.IsUsed = true;
                entry.Signature.CopyTo(signature);
                return true;
            }
        }

        return false;
    }

    public void Put(ReadOnlySpan<byte> digest, SigningKey key, ReadOnlySpan<byte> signature)
    {
        Span<Entry?> set = Set(digest);
        int victim = digest[^1] % Ways;
        for (int i = 0; i < Ways; i++)
        {
            int at = (victim + i) % Ways;
            if (Volatile.Read(ref set[at]) is not { IsUsed: true } entry)
            {
                victim = at;
                break;
            }

            entry.IsUsed = false;
        }

        Volatile.Write(ref set[victim], new Entry(Vector256.Create(digest), key.Rdata, signature.ToArray()));
    }

    private Span<Entry?> Set(ReadOnlySpan<byte> digest) =>
        _places.AsSpan((MemoryMarshal.Read<int>(digest) & _mask) * Ways, Ways);
}
