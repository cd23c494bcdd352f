using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace OrleansCdn.Contracts.Dns;

/// <summary>Data of DS records (RFC 4034 §5) with SHA-256 (RFC 4509), and those of CDS and CDNSKEY that ask for none (RFC 8078 §4).</summary>
public static class DsRecord
{
    public const byte Sha256 = 2;

    /// <summary>Tag, algorithm, digest's type.</summary>
    public const int DigestAt = 4;

    /// <summary>CDS: no DS record.</summary>
    public static byte[] CdsOfNone => [0, 0, 0, 0, 0];

    /// <summary>CDNSKEY: no DS record.</summary>
    public static byte[] CdnskeyOfNone => [0, 0, Dnskey.Protocol, 0, 0];

    /// <param name="owner">The zone's name, uncompressed, in lower case.</param>
    /// <param name="dnskey">Data of its DNSKEY record.</param>
    public static byte[] Rdata(ReadOnlySpan<byte> owner, ReadOnlySpan<byte> dnskey)
    {
        byte[] rdata = new byte[DigestAt + SHA256.HashSizeInBytes];
        BinaryPrimitives.WriteUInt16BigEndian(rdata, Dnskey.Tag(dnskey));
        rdata[2] = dnskey[3];
        rdata[3] = Sha256;
        SHA256.HashData([.. owner, .. dnskey], rdata.AsSpan(DigestAt));
        return rdata;
    }

    /// <summary>A zone's name, as configs write it, in octets.</summary>
    public static byte[] Owner(string zone) => [.. zone.Split('.').SelectMany(label => (byte[])[(byte)label.Length, .. Encoding.ASCII.GetBytes(label)]), 0];
}
