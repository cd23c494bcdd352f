using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace OrleansCdn.Dns.Tests.Dnssec;

/// <summary>Verifies signatures by RFC 4034 and RFC 6605, without a line of the code that makes them.</summary>
internal static class SignatureVerifier
{
    /// <param name="owner">As text, absolute.</param>
    /// <param name="type">Covered.</param>
    /// <param name="rdatas">In any order.</param>
    /// <param name="rrsig">Data of the RRSIG record.</param>
    /// <param name="dnskey">Data of the DNSKEY record.</param>
    public static bool Verify(string owner, int type, IEnumerable<byte[]> rdatas, byte[] rrsig, byte[] dnskey)
    {
        int signerEnd = 18;
        while (rrsig[signerEnd] != 0)
        {
            signerEnd += 1 + rrsig[signerEnd];
        }

        signerEnd++;
        string[] labels = [.. owner.TrimEnd('.').ToLowerInvariant().Split('.').Where(l => l.Length > 0)];
        int signedLabels = rrsig[3];
        if (signedLabels < labels.Length)
        {
            labels = labels[0] == "*" && signedLabels == labels.Length - 1 ? labels : ["*", .. labels[^signedLabels..]];
        }

        byte[] name = [.. labels.SelectMany(l => (byte[])[(byte)l.Length, .. Encoding.Latin1.GetBytes(l)]), 0];
        var data = new List<byte>(rrsig[..signerEnd]);
        foreach (byte[] rdata in rdatas.OrderBy(Convert.ToHexString, StringComparer.Ordinal))
        {
            data.AddRange(name);
            data.AddRange([(byte)(type >> 8), (byte)type, 0, 1]);
            data.AddRange(rrsig[4..8]);
            data.AddRange([(byte)(rdata.Length >> 8), (byte)rdata.Length]);
            data.AddRange(rdata);
        }

        using var ecdsa = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new ECPoint { X = dnskey[4..36], Y = dnskey[36..68] },
        });
        return BinaryPrimitives.ReadUInt16BigEndian(rrsig) == type && rrsig[2] == 13
            && ecdsa.VerifyData(data.ToArray(), rrsig[signerEnd..], HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }
}
