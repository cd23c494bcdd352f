namespace OrleansCdn.Dns.Wire;

/// <summary>
/// Names as octets: labels, each behind its length, ended by an empty one (RFC 1035 §3.1). A canonical name has no pointers and
/// its letters A to Z are small ones (RFC 4034 §6.2), so that equal names are equal octets.
/// </summary>
public static class WireName
{
    /// <summary>RFC 1035 §2.3.4.</summary>
    public const int MaxLength = 255;

    /// <summary>RFC 1035 §2.3.4.</summary>
    public const int MaxLabelLength = 63;

    /// <summary>Labels of one octet each, and the root's: more do not fit into <see cref="MaxLength"/>.</summary>
    public const int MaxLabels = 127;

    /// <summary>RFC 1035 §4.1.4: the two upper bits of a length.</summary>
    public const byte PointerBits = 0xc0;

    public static ReadOnlySpan<byte> Root => [0];

    /// <summary>A name without pointers, made canonical.</summary>
    /// <param name="from">Begins with the name.</param>
    /// <param name="canonical">At least <see cref="MaxLength"/> octets.</param>
    /// <param name="labels">Without the root's.</param>
    /// <returns>Its length; 0: it has a pointer or another label type (RFC 6891 §5), or is cut off or too long.</returns>
    public static int Read(ReadOnlySpan<byte> from, Span<byte> canonical, out int labels)
    {
        labels = 0;
        int at = 0;
        while (at < from.Length)
        {
            int length = from[at];
            if (length == 0)
            {
                canonical[at] = 0;
                return at + 1;
            }

            if (length > MaxLabelLength || at + 1 + length >= MaxLength || at + 1 + length > from.Length)
            {
                return 0;
            }

            canonical[at] = (byte)length;
            for (int i = at + 1; i <= at + length; i++)
            {
                canonical[i] = ToLower(from[i]);
            }

            at += 1 + length;
            labels++;
        }

        return 0;
    }

    /// <summary>Of a name inside a message, which may end in a pointer backwards (RFC 1035 §4.1.4); where the pointer leads is not looked at.</summary>
    /// <returns>Octets that it takes at <paramref name="at"/>; 0: it is cut off, too long, or points at itself or forwards.</returns>
    public static int Skip(ReadOnlySpan<byte> message, int at)
    {
        int start = at;
        while (at < message.Length && at - start < MaxLength)
        {
            int length = message[at];
            if (length == 0)
            {
                return at + 1 - start;
            }

            if ((length & PointerBits) == PointerBits)
            {
                return at + 1 < message.Length && (((length & ~PointerBits) << 8) | message[at + 1]) < start ? at + 2 - start : 0;
            }

            if (length > MaxLabelLength)
            {
                return 0;
            }

            at += 1 + length;
        }

        return 0;
    }

    public static byte ToLower(byte octet) => octet is >= (byte)'A' and <= (byte)'Z' ? (byte)(octet | 0x20) : octet;

    /// <summary>Without its first label. Not of the root.</summary>
    public static ReadOnlySpan<byte> Parent(ReadOnlySpan<byte> name) => name[(1 + name[0])..];

    /// <summary>Labels of a name without pointers, without the root's.</summary>
    public static int CountLabels(ReadOnlySpan<byte> name)
    {
        int labels = 0;
        for (int at = 0; name[at] != 0; at += 1 + name[at])
        {
            labels++;
        }

        return labels;
    }

    /// <summary>The last <paramref name="labels"/> labels of a name that has at least as many.</summary>
    public static ReadOnlySpan<byte> Last(ReadOnlySpan<byte> name, int count, int labels)
    {
        for (; count > labels; count--)
        {
            name = Parent(name);
        }

        return name;
    }

    /// <summary>Whether a canonical name is <paramref name="ancestor"/> or below it.</summary>
    public static bool IsAtOrBelow(ReadOnlySpan<byte> name, ReadOnlySpan<byte> ancestor)
    {
        while (name.Length > ancestor.Length)
        {
            name = Parent(name);
        }

        return name.SequenceEqual(ancestor);
    }
}
