using Microsoft.Extensions.Primitives;

namespace OrleansCdn.Edge.Cache;

/// <summary>
/// Reduces <c>Accept-Encoding</c> to the codings that matter, so that the many spellings of browsers do not multiply variants.
/// The reduced text is also what is forwarded: origin and cache see the same.
/// </summary>
public static class AcceptEncoding
{
    [Flags]
    private enum Codings
    {
        None = 0,
        Brotli = 1,
        Gzip = 2,
        Zstd = 4,
    }

    // Indexed by Codings: no allocation per request.
    private static readonly string[] Texts = ["", "br", "gzip", "br, gzip", "zstd", "br, zstd", "gzip, zstd", "br, gzip, zstd"];

    /// <summary>One of eight texts; empty when only identity is left.</summary>
    public static string Normalize(StringValues lines)
    {
        Codings accepted = Codings.None;
        foreach (string? line in lines)
        {
            ReadOnlySpan<char> rest = line;
            while (!rest.IsEmpty)
            {
                int comma = rest.IndexOf(',');
                ReadOnlySpan<char> member = (comma < 0 ? rest : rest[..comma]).Trim(" \t");
                rest = comma < 0 ? default : rest[(comma + 1)..];
                int semicolon = member.IndexOf(';');
                ReadOnlySpan<char> coding = (semicolon < 0 ? member : member[..semicolon]).TrimEnd(" \t");
                if (semicolon >= 0 && IsZeroWeight(member[(semicolon + 1)..]))
                {
                    accepted &= ~Parse(coding);
                }
                else
                {
                    accepted |= Parse(coding);
                }
            }
        }

        return Texts[(int)accepted];
    }

    /// <summary>The coding that this edge answers with where it has it: the smaller one first.</summary>
    public static ContentCoding Preferred(StringValues lines)
    {
        string accepted = lines.Count == 0 ? "" : Normalize(lines);
        return accepted.StartsWith("br", StringComparison.Ordinal) ? ContentCoding.Brotli
            : accepted.StartsWith("gzip", StringComparison.Ordinal) ? ContentCoding.Gzip
            : ContentCoding.Identity;
    }

    private static Codings Parse(ReadOnlySpan<char> coding) => coding.Length switch
    {
        2 when coding.Equals("br", StringComparison.OrdinalIgnoreCase) => Codings.Brotli,
        4 when coding.Equals("gzip", StringComparison.OrdinalIgnoreCase) => Codings.Gzip,
        4 when coding.Equals("zstd", StringComparison.OrdinalIgnoreCase) => Codings.Zstd,
        6 when coding.Equals("x-gzip", StringComparison.OrdinalIgnoreCase) => Codings.Gzip,
        _ => Codings.None,
    };

    /// <summary><c>q=0</c> in any of its forms (RFC 9110 §12.4.2).</summary>
    private static bool IsZeroWeight(ReadOnlySpan<char> parameter)
    {
        parameter = parameter.Trim(" \t");
        if (parameter.Length < 3 || (parameter[0] | 0x20) != 'q' || parameter[1] != '=')
        {
            return false;
        }

        foreach (char c in parameter[2..])
        {
            if (c is not ('0' or '.'))
            {
                return false;
            }
        }

        return true;
    }
}
