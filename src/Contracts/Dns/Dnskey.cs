using System.Buffers.Binary;

namespace OrleansCdn.Contracts.Dns;

/// <summary>Data of DNSKEY records (RFC 4034 §2) with ECDSA P-256 (RFC 6605).</summary>
public static class Dnskey
{
    public const ushort ZoneKeyFlags = 256;

    /// <summary>With the secure entry point bit (RFC 4034 §2.1.1).</summary>
    public const ushort EntryPointFlags = 257;

    public const byte Protocol = 3;
    public const byte EcdsaP256Sha256 = 13;
    public const int PublicKeyBytes = 64;
    public const int PrivateKeyBytes = 32;
    public const int RdataBytes = 4 + PublicKeyBytes;

    public static byte[] Rdata(ushort flags, ReadOnlySpan<byte> publicKey)
    {
        byte[] rdata = new byte[4 + publicKey.Length];
        BinaryPrimitives.WriteUInt16BigEndian(rdata, flags);
        rdata[2] = Protocol;
        rdata[3] = EcdsaP256Sha256;
        publicKey.CopyTo(rdata.AsSpan(4));
        return rdata;
    }

    public static ushort Tag(ushort flags, ReadOnlySpan<byte> publicKey) => Tag(Rdata(flags, publicKey));

    /// <summary>RFC 4034 appendix B.</summary>
    public static ushort Tag(ReadOnlySpan<byte> rdata)
    {
        uint sum = 0;
        for (int i = 0; i < rdata.Length; i++)
        {
            sum += (i & 1) == 0 ? (uint)rdata[i] << 8 : rdata[i];
        }

        return (ushort)(sum + (sum >> 16));
    }
}
