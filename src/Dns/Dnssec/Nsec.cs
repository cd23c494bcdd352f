using OrleansCdn.Dns.Wire;

namespace OrleansCdn.Dns.Dnssec;

/// <summary>
/// NSEC records of compact denial (RFC 9824): made for the name that was asked, which is said to exist without the type that was asked. The next name is the
/// first that can follow, so that nothing else is denied.
/// </summary>
internal static class Nsec
{
    /// <summary>A next name, and a bitmap with all 256 windows that there can be.</summary>
    public const int MaxRdataLength = WireName.MaxLength + (256 * (2 + WindowBytes));

    private const int WindowBytes = 32;

    /// <param name="owner">Canonical.</param>
    /// <param name="exists">False: the name does not exist (RFC 9824 §3.1).</param>
    /// <param name="types">Ascending, without RRSIG and NSEC, which every name has.</param>
    /// <param name="rdata">Room for it.</param>
    /// <returns>Octets written.</returns>
    public static int Write(ReadOnlySpan<byte> owner, bool exists, ReadOnlySpan<DnsType> types, Span<byte> rdata)
    {
        int length = WriteSuccessor(owner, rdata);
        return length + WriteBitmap(exists, types, rdata[length..]);
    }

    /// <summary>The name that follows in canonical order (RFC 4034 §6.1; RFC 4471 §3.1.2 for the longest ones).</summary>
    public static int WriteSuccessor(ReadOnlySpan<byte> owner, Span<byte> next)
    {
        if (owner.Length + 2 <= WireName.MaxLength)
        {
            (next[0], next[1]) = (1, 0);
            owner.CopyTo(next[2..]);
            return owner.Length + 2;
        }

        if (owner.Length < WireName.MaxLength && owner[0] < WireName.MaxLabelLength)
        {
            int end = 1 + owner[0];
            owner[..end].CopyTo(next);
            next[0]++;
            next[end] = 0;
            owner[end..].CopyTo(next[(end + 1)..]);
            return owner.Length + 1;
        }

        while (owner.Length > 1)
        {
            ReadOnlySpan<byte> label = owner.Slice(1, owner[0]).TrimEnd((byte)0xff);
            ReadOnlySpan<byte> parent = WireName.Parent(owner);
            if (label.Length > 0)
            {
                next[0] = (byte)label.Length;
                label.CopyTo(next[1..]);
                // Capital letters count as small ones: after @ comes [.
                next[label.Length] = label[^1] == (byte)'@' ? (byte)'[' : (byte)(label[^1] + 1);
                parent.CopyTo(next[(1 + label.Length)..]);
                return 1 + label.Length + parent.Length;
            }

            owner = parent;
        }

        next[0] = 0;
        return 1;
    }

    /// <summary>RFC 4034 §4.1.2.</summary>
    private static int WriteBitmap(bool exists, ReadOnlySpan<DnsType> types, Span<byte> bitmap)
    {
        int written = 0;
        int window = 0;
        bool isLeft = true;
        while (isLeft)
        {
            Span<byte> bits = bitmap.Slice(written + 2, WindowBytes);
            bits.Clear();
            if (window == 0)
            {
                Set(bits, DnsType.RrSig);
                Set(bits, DnsType.Nsec);
                if (!exists)
                {
                    Set(bits, DnsType.NxName);
                }
            }

            while (!types.IsEmpty && (int)types[0] >> 8 == window)
            {
                Set(bits, types[0]);
                types = types[1..];
            }

            int length = bits.TrimEnd((byte)0).Length;
            (bitmap[written], bitmap[written + 1]) = ((byte)window, (byte)length);
            written += 2 + length;
            isLeft = !types.IsEmpty;
            window = isLeft ? (int)types[0] >> 8 : window;
        }

        return written;
    }

    private static void Set(Span<byte> bits, DnsType type) => bits[((int)type & 0xff) >> 3] |= (byte)(0x80 >> ((int)type & 7));
}
