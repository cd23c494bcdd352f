using System.Collections.Concurrent;
using System.Security.Cryptography;
using OrleansCdn.Contracts.Dns;

namespace OrleansCdn.Dns.Dnssec;

/// <summary>One key of a zone with which this nameserver signs.</summary>
internal sealed class SigningKey
{
    /// <summary>RFC 6605 §4: r and s, each of 32 octets.</summary>
    public const int SignatureBytes = 64;

    // An ECDsa is not for use by several threads at once: each signing borrows one, and no more than these ever sign.
    private readonly ConcurrentBag<ECDsa> _idle = [];

    /// <exception cref="CryptographicException">The two halves are no key of P-256, or not of one.</exception>
    public SigningKey(ZoneKey key)
    {
        byte[] point = Convert.FromBase64String(key.PublicKey);
        byte[] secret = Convert.FromBase64String(key.PrivateKey);
        if (point.Length != Dnskey.PublicKeyBytes || secret.Length != Dnskey.PrivateKeyBytes)
        {
            throw new CryptographicException($"a key of P-256 has {Dnskey.PublicKeyBytes} public and {Dnskey.PrivateKeyBytes} secret bytes");
        }

        Rdata = Dnskey.Rdata(key.Flags, point);
        Tag = Dnskey.Tag(Rdata);
        (SignsKeys, SignsZone, IsAskedFor) = (key.SignsKeys, key.SignsZone, key.IsAskedFor);
        var parameters = new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            D = secret,
            Q = new ECPoint { X = point[..32], Y = point[32..] },
        };
        for (int i = 0; i < SigningMeans.MaxConcurrency; i++)
        {
            _idle.Add(ECDsa.Create(parameters));
        }

        CryptographicOperations.ZeroMemory(secret);
    }

    public byte[] Rdata { get; }

    public ushort Tag { get; }

    public bool SignsKeys { get; }

    public bool SignsZone { get; }

    public bool IsAskedFor { get; }

    /// <summary>False: as many sign as may at a time.</summary>
    public bool TrySign(ReadOnlySpan<byte> digest, Span<byte> signature)
    {
        if (!_idle.TryTake(out ECDsa? ecdsa))
        {
            return false;
        }

        try
        {
            return ecdsa.TrySignHash(digest, signature, DSASignatureFormat.IeeeP1363FixedFieldConcatenation, out int written) && written == SignatureBytes;
        }
        finally
        {
            _idle.Add(ecdsa);
        }
    }
}
