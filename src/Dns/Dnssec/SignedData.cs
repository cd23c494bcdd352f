using System.Buffers.Binary;
using System.Security.Cryptography;
using OrleansCdn.Dns.Wire;
using OrleansCdn.Dns.Zones;

namespace OrleansCdn.Dns.Dnssec;

/// <summary>
/// What a signature is over (RFC 4034 §3.1.8.1): the RRSIG's own data up to the signer's name, then all records in canonical order. Buffers are kept, so one
/// thread uses it for all its answers.
/// </summary>
internal sealed class SignedData
{
    /// <summary>Type covered, algorithm, labels, TTL, expiration, inception, tag (RFC 4034 §3.1).</summary>
    public const int PrefixBytes = 18;

    /// <summary>Type, class, TTL and length.</summary>
    private const int FixedBytes = 10;

    /// <summary>An answer of UDP's usual size.</summary>
    private const int StartBytes = 2048;

    private readonly List<Range> _order = new(16);
    private readonly Comparison<Range> _compare;
    private byte[] _records = new byte[StartBytes];
    private byte[] _signed = new byte[StartBytes];
    private int _ownerLength;

    public SignedData() => _compare = (one, other) => Rdata(one).SequenceCompareTo(Rdata(other));

    /// <summary>Takes the records of a set in, each as it stands behind its owner: the names in them are canonical already.</summary>
    /// <param name="owner">Canonical.</param>
    public void Take(ReadOnlySpan<byte> owner, RrSetView set)
    {
        _order.Clear();
        int length = 0;
        foreach (ReadOnlySpan<byte> rdata in set)
        {
            int size = owner.Length + FixedBytes + rdata.Length;
            Ensure(ref _records, length + size);
            Span<byte> record = _records.AsSpan(length, size);
            owner.CopyTo(record);
            Span<byte> rest = record[owner.Length..];
            BinaryPrimitives.WriteUInt16BigEndian(rest, (ushort)set.Type);
            BinaryPrimitives.WriteUInt16BigEndian(rest[2..], (ushort)DnsClass.Internet);
            BinaryPrimitives.WriteUInt32BigEndian(rest[4..], set.Ttl);
            BinaryPrimitives.WriteUInt16BigEndian(rest[8..], (ushort)rdata.Length);
            rdata.CopyTo(rest[FixedBytes..]);
            _order.Add(length..(length + size));
            length += size;
        }

        _ownerLength = owner.Length;
        if (_order.Count > 1)
        {
            _order.Sort(_compare); // addresses of a steered answer may stand in another order
        }
    }

    /// <summary>Hash over the records taken in, as a signature with this prefix has it.</summary>
    /// <param name="prefix">The RRSIG's data with the signer's name, without the signature.</param>
    /// <param name="digest">SHA-256.</param>
    public void Hash(ReadOnlySpan<byte> prefix, Span<byte> digest)
    {
        int length = prefix.Length;
        Ensure(ref _signed, length + _records.Length);
        prefix.CopyTo(_signed);
        foreach (Range range in _order)
        {
            ReadOnlySpan<byte> record = _records.AsSpan(range);
            record.CopyTo(_signed.AsSpan(length));
            length += record.Length;
        }

        SHA256.HashData(_signed.AsSpan(0, length), digest);
    }

    private ReadOnlySpan<byte> Rdata(Range record) => _records.AsSpan(record)[(_ownerLength + FixedBytes)..];

    private static void Ensure(ref byte[] buffer, int length)
    {
        if (buffer.Length < length)
        {
            Array.Resize(ref buffer, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)length));
        }
    }
}
