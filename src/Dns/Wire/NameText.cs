using System.Text;

namespace OrleansCdn.Dns.Wire;

/// <summary>Names as people write them: RFC 1035 §5.1, with <c>\.</c> and <c>\DDD</c> for what is not a plain character.</summary>
public static class NameText
{
    /// <summary>Absolute, with the dot at its end.</summary>
    public static string Of(ReadOnlySpan<byte> name)
    {
        if (name.Length <= 1)
        {
            return ".";
        }

        var text = new StringBuilder(name.Length);
        for (int at = 0; at < name.Length && name[at] != 0; at += 1 + name[at])
        {
            foreach (byte octet in name.Slice(at + 1, name[at]))
            {
                AppendOctet(text, octet);
            }

            text.Append('.');
        }

        return text.ToString();
    }

    /// <summary>A canonical name from text; a name without a dot at its end is absolute, too.</summary>
    /// <exception cref="ArgumentException">It is not a name.</exception>
    public static byte[] Parse(string text) =>
        TryParse(text, WireName.Root, out byte[] name, out string? problem) ? name : throw new ArgumentException($"{text}: {problem}", nameof(text));

    /// <param name="text">Relative to <paramref name="origin"/> unless it ends with a dot; <c>@</c> is the origin itself.</param>
    /// <param name="origin">Canonical.</param>
    /// <param name="name">Canonical.</param>
    /// <param name="problem">What is wrong with it, as the end of a sentence about it.</param>
    public static bool TryParse(ReadOnlySpan<char> text, ReadOnlySpan<byte> origin, out byte[] name, out string? problem)
    {
        name = [];
        problem = null;
        if (text is "@")
        {
            name = origin.ToArray();
            return true;
        }

        if (text is ".")
        {
            name = [0];
            return true;
        }

        Span<byte> wire = stackalloc byte[WireName.MaxLength];
        int length = 0;
        bool isAbsolute = false;
        for (int at = 0; at < text.Length && !isAbsolute;)
        {
            int labelAt = length++;
            while (at < text.Length && text[at] != '.')
            {
                int octet = Octet(text, ref at);
                problem = octet < 0 ? "has a \\ that is followed neither by three digits up to 255 nor by a character"
                    : length - labelAt - 1 >= WireName.MaxLabelLength ? "has a label longer than 63 octets"
                    : length >= WireName.MaxLength - 1 ? "is longer than 255 octets"
                    : null;
                if (problem is not null)
                {
                    return false;
                }

                wire[length++] = WireName.ToLower((byte)octet);
            }

            wire[labelAt] = (byte)(length - labelAt - 1);
            if (wire[labelAt] == 0)
            {
                problem = "has an empty label";
                return false;
            }

            isAbsolute = at == text.Length - 1;
            at++;
        }

        if (length == 0)
        {
            problem = "is empty";
            return false;
        }

        ReadOnlySpan<byte> rest = isAbsolute && text[^1] == '.' ? WireName.Root : origin;
        if (length + rest.Length > WireName.MaxLength)
        {
            problem = "is longer than 255 octets";
            return false;
        }

        name = [.. wire[..length], .. rest];
        return true;
    }

    /// <returns>One octet of a label or string, escaped or not; -1: not one.</returns>
    internal static int Octet(ReadOnlySpan<char> text, ref int at)
    {
        char c = text[at++];
        if (c != '\\')
        {
            return c <= '\x7f' ? c : -1;
        }

        if (at >= text.Length)
        {
            return -1;
        }

        if (!char.IsAsciiDigit(text[at]))
        {
            return text[at] <= '\x7f' ? text[at++] : -1;
        }

        if (at + 3 > text.Length || !byte.TryParse(text.Slice(at, 3), System.Globalization.NumberStyles.None, null, out byte octet))
        {
            return -1;
        }

        at += 3;
        return octet;
    }

    private static void AppendOctet(StringBuilder text, byte octet)
    {
        if (octet is (byte)'.' or (byte)'\\' or (byte)'"' or (byte)'(' or (byte)')' or (byte)';' or (byte)'@' or (byte)'$')
        {
            text.Append('\\').Append((char)octet);
        }
        else if (octet is > 0x20 and < 0x7f)
        {
            text.Append((char)octet);
        }
        else
        {
            text.Append('\\').Append(octet.ToString("D3", System.Globalization.CultureInfo.InvariantCulture));
        }
    }
}
