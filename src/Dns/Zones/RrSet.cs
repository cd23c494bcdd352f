using System.Buffers.Binary;
using OrleansCdn.Dns.Wire;

namespace OrleansCdn.Dns.Zones;

/// <summary>
/// Records of one name and type. Their RDATA is kept as one run of octets, each behind its length in two octets, without pointers,
/// names in it canonical, sorted and each once (RFC 4034 §6.2, §6.3): as it is signed.
/// </summary>
public sealed class RrSet
{
    private RrSet(DnsType type, uint ttl, byte[] packed, int count) => (Type, Ttl, Packed, Count) = (type, ttl, packed, count);

    public DnsType Type { get; }

    public uint Ttl { get; }

    /// <summary>At least 1.</summary>
    public int Count { get; }

    internal byte[] Packed { get; }

    public RrSetView View => new(Type, Ttl, Packed);

    public RrSet WithTtl(uint ttl) => ttl == Ttl ? this : new RrSet(Type, ttl, Packed, Count);

    /// <param name="type">Of all of them.</param>
    /// <param name="ttl">Seconds.</param>
    /// <param name="rdata">At least one; in any order.</param>
    public static RrSet Of(DnsType type, uint ttl, params IEnumerable<byte[]> rdata)
    {
        byte[][] sorted = [.. rdata.OrderBy(x => x, CanonicalOrder)];
        var packed = new List<byte>();
        int count = 0;
        for (int i = 0; i < sorted.Length; i++)
        {
            if (i > 0 && sorted[i].AsSpan().SequenceEqual(sorted[i - 1]))
            {
                continue;
            }

            packed.Add((byte)(sorted[i].Length >> 8));
            packed.Add((byte)sorted[i].Length);
            packed.AddRange(sorted[i]);
            count++;
        }

        return count > 0 ? new RrSet(type, ttl, [.. packed], count) : throw new ArgumentException("no records", nameof(rdata));
    }

    /// <summary>RFC 4034 §6.3: as octets, a shorter one that is a prefix first.</summary>
    private static Comparer<byte[]> CanonicalOrder { get; } = Comparer<byte[]>.Create((a, b) => a.AsSpan().SequenceCompareTo(b));
}

/// <summary>Records of one type wherever they are: of a zone, or made for one answer.</summary>
public readonly ref struct RrSetView(DnsType type, uint ttl, ReadOnlySpan<byte> packed)
{
    public DnsType Type { get; } = type;

    public uint Ttl { get; } = ttl;

    /// <summary>As <see cref="RrSet"/> says; a view of none is empty.</summary>
    public ReadOnlySpan<byte> Packed { get; } = packed;

    public bool IsEmpty => Packed.IsEmpty;

    public Enumerator GetEnumerator() => new(Packed);

    /// <summary>Goes through the RDATA of each record.</summary>
    public ref struct Enumerator(ReadOnlySpan<byte> rest)
    {
        private ReadOnlySpan<byte> _rest = rest;

        public ReadOnlySpan<byte> Current { get; private set; }

        public bool MoveNext()
        {
            if (_rest.IsEmpty)
            {
                return false;
            }

            int length = BinaryPrimitives.ReadUInt16BigEndian(_rest);
            Current = _rest.Slice(2, length);
            _rest = _rest[(2 + length)..];
            return true;
        }
    }
}
