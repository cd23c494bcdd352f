using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using OrleansCdn.Contracts.Dns;
using OrleansCdn.Dns.Wire;
using OrleansCdn.Dns.Zones;

namespace OrleansCdn.Dns.Dnssec;

/// <summary>Signs the answers of one zone with the keys of one moment, as they are asked for. Immutable; what it remembers is in <see cref="SigningMeans"/>.</summary>
public sealed class OnlineSigner : ZoneSigner
{
    [ThreadStatic]
    private static SignedData? t_data;

    private readonly byte[] _apex;
    private readonly SigningMeans _means;
    private readonly KeyRecords _records;
    private readonly ImmutableArray<SigningKey> _keySigners;
    private readonly ImmutableArray<SigningKey> _zoneSigners;

    /// <param name="apex">The zone's name, canonical.</param>
    /// <param name="keys">With at least one key that signs keys, and one that signs the zone; null: there are none, and nothing can be signed.</param>
    /// <param name="means">One for the process.</param>
    /// <exception cref="CryptographicException">A key cannot be used; the message says why.</exception>
    public OnlineSigner(ReadOnlySpan<byte> apex, ZoneKeys? keys, SigningMeans means)
    {
        ImmutableArray<SigningKey> all = [.. (keys?.Keys ?? []).Select(key => new SigningKey(key))];
        _keySigners = [.. all.Where(key => key.SignsKeys)];
        _zoneSigners = [.. all.Where(key => key.SignsZone)];
        if (keys is not null && (_keySigners.IsEmpty || _zoneSigners.IsEmpty))
        {
            throw new CryptographicException("no key signs the keys, or none the zone");
        }

        _apex = apex.ToArray();
        _means = means;
        _records = new KeyRecords(all, keys?.Cds ?? CdsForm.None, apex);
    }

    public override bool CanSign => !_zoneSigners.IsEmpty;

    public override RrSet? KeySet(DnsType type) => _records.Of(type);

    public override int Sign(ReadOnlySpan<byte> owner, RrSetView set, uint unixTime, Span<byte> signatures)
    {
        bool isDenial = set.Type == DnsType.Nsec;
        SignatureCache cache = _means.Cache(isDenial);
        var window = SignatureWindow.At(unixTime, Spread(owner, set.Type));
        SignedData data = t_data ??= new SignedData();
        data.Take(owner, set);
        int written = 0;
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        foreach (SigningKey key in set.Type is DnsType.DnsKey or DnsType.Cds or DnsType.CDnsKey ? _keySigners : _zoneSigners)
        {
            int length = SignedData.PrefixBytes + _apex.Length + SigningKey.SignatureBytes;
            if (signatures.Length < written + 2 + length)
            {
                return 0;
            }

            BinaryPrimitives.WriteUInt16BigEndian(signatures[written..], (ushort)length);
            Span<byte> rrsig = signatures.Slice(written + 2, length);
            WritePrefix(rrsig, set, CountLabels(owner), window, key.Tag);
            data.Hash(rrsig[..^SigningKey.SignatureBytes], digest);
            Span<byte> signature = rrsig[^SigningKey.SignatureBytes..];
            if (!cache.TryGet(digest, key, signature))
            {
                if (!_means.Budget.TryTake(isDenial) || !key.TrySign(digest, signature))
                {
                    _means.CountShed();
                    return 0;
                }

                _means.CountMade();
                cache.Put(digest, key, signature);
            }

            written += 2 + length;
        }

        return written;
    }

    public override int Deny(ReadOnlySpan<byte> owner, bool exists, ReadOnlySpan<DnsType> types, Span<byte> rdata) => Nsec.Write(owner, exists, types, rdata);

    private void WritePrefix(Span<byte> rrsig, RrSetView set, int labels, SignatureWindow window, ushort tag)
    {
        BinaryPrimitives.WriteUInt16BigEndian(rrsig, (ushort)set.Type);
        rrsig[2] = Dnskey.EcdsaP256Sha256;
        rrsig[3] = (byte)labels;
        BinaryPrimitives.WriteUInt32BigEndian(rrsig[4..], set.Ttl);
        BinaryPrimitives.WriteUInt32BigEndian(rrsig[8..], window.Expiration);
        BinaryPrimitives.WriteUInt32BigEndian(rrsig[12..], window.Inception);
        BinaryPrimitives.WriteUInt16BigEndian(rrsig[16..], tag);
        _apex.CopyTo(rrsig[SignedData.PrefixBytes..]);
    }

    /// <summary>RFC 4034 §3.1.3: a leading asterisk does not count.</summary>
    private static int CountLabels(ReadOnlySpan<byte> owner) =>
        WireName.CountLabels(owner) - (owner is [1, (byte)'*', ..] ? 1 : 0);

    /// <summary>FNV-1a: the same on every nameserver, and in every version of this program.</summary>
    private static uint Spread(ReadOnlySpan<byte> owner, DnsType type)
    {
        uint hash = 2166136261;
        foreach (byte octet in owner)
        {
            hash = (hash ^ octet) * 16777619;
        }

        return (hash ^ (ushort)type) * 16777619;
    }
}
