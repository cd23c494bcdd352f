using Microsoft.Extensions.Primitives;

namespace OrleansCdn.Edge.Cache;

/// <summary>
/// <c>Accept-Language</c> (RFC 9110 §12.5.4) as far as it selects a response: case, blanks and the order of equally
/// wanted languages make no difference.
/// </summary>
public static class AcceptLanguage
{
    /// <summary>More languages than that are taken as they were sent: nobody speaks them.</summary>
    private const int MaxLanguages = 32;

    /// <summary>The same text for all spellings of the same wish.</summary>
    public static string Normalize(StringValues lines)
    {
        string joined = lines.ToString();
        var members = new List<string>();
        foreach (Range range in joined.AsSpan().Split(','))
        {
            ReadOnlySpan<char> member = joined.AsSpan()[range].Trim(" \t");
            if (!member.IsEmpty)
            {
                members.Add(string.Concat(member.ToString().ToLowerInvariant().Where(c => c is not (' ' or '\t'))));
            }
        }

        if (members.Count > MaxLanguages)
        {
            return joined;
        }

        members.Sort(StringComparer.Ordinal);
        return string.Join(',', members);
    }

    /// <summary>Whether this language is wanted more than every other one that is named.</summary>
    public static bool IsFirstChoice(StringValues lines, string language)
    {
        int own = -1;
        int other = -1;
        foreach (string? line in lines)
        {
            foreach (Range range in line.AsSpan().Split(','))
            {
                ReadOnlySpan<char> member = line.AsSpan()[range].Trim(" \t");
                int semicolon = member.IndexOf(';');
                ReadOnlySpan<char> tag = (semicolon < 0 ? member : member[..semicolon]).TrimEnd(" \t");
                int weight = semicolon < 0 ? 1000 : Weight(member[(semicolon + 1)..]);
                if (tag.Equals(language, StringComparison.OrdinalIgnoreCase))
                {
                    own = Math.Max(own, weight);
                }
                else if (!tag.IsEmpty)
                {
                    other = Math.Max(other, weight);
                }
            }
        }

        return own > 0 && own > other;
    }

    /// <summary>Thousandths (RFC 9110 §12.4.2); 1000 for what is no weight, so that nothing is preferred by mistake.</summary>
    private static int Weight(ReadOnlySpan<char> parameter)
    {
        parameter = parameter.Trim(" \t");
        if (parameter.Length is < 3 or > 7 || (parameter[0] | 0x20) != 'q' || parameter[1] != '=' || parameter[2] is not ('0' or '1'))
        {
            return 1000;
        }

        int weight = (parameter[2] - '0') * 1000;
        for (int i = 4, unit = 100; i < parameter.Length && char.IsAsciiDigit(parameter[i]); i++, unit /= 10)
        {
            weight += (parameter[i] - '0') * unit;
        }

        return Math.Min(weight, 1000);
    }
}
