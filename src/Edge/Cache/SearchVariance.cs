using System.Text;
using Microsoft.Extensions.Primitives;

namespace OrleansCdn.Edge.Cache;

/// <summary>
/// What of a query does not distinguish responses, as <c>No-Vary-Search</c> says it (draft-ietf-httpbis-no-vary-search-05);
/// immutable.
/// </summary>
public sealed class SearchVariance
{
    public const string Field = "No-Vary-Search";

    /// <summary>A few dozen names; a longer value counts for nothing.</summary>
    private const int MaxFieldLength = 1024;

    /// <summary>A query with more parameters than that is compared as it is.</summary>
    private const int MaxParameters = 256;

    /// <summary>Begins the tag that a response with the field carries; fields with it are refused where they are read.</summary>
    private const char Mark = '\r';

    private readonly bool _ignoresOrder;
    private readonly bool _isWildcard;
    private readonly HashSet<string> _names;

    /// <param name="isWildcard">True: nothing counts but <paramref name="names"/>; false: everything does but them.</param>
    private SearchVariance(string text, bool ignoresOrder, bool isWildcard, HashSet<string> names)
    {
        (_ignoresOrder, _isWildcard, _names) = (ignoresOrder, isWildcard, names);
        Tag = Mark + text;
    }

    /// <summary>Says the same, among the tags of a stored response: purges of other URLs find it by that, on disk too.</summary>
    public string Tag { get; }

    public static bool IsTag(string tag) => tag.Length > 0 && tag[0] == Mark;

    /// <summary>Of a stored response; null: its own query only.</summary>
    public static SearchVariance? Of(ReadOnlySpan<string> tags) => !tags.IsEmpty && IsTag(tags[^1]) ? Parse(tags[^1][1..]) : null;

    /// <summary>Null: absent, or the default variance (§3, §4.1), in which the whole query counts.</summary>
    public static SearchVariance? Parse(StringValues lines)
    {
        string text = lines.ToString();
        if (lines.Count == 0 || text.Length > MaxFieldLength || !StructuredField.TryParseDictionary(lines, out StructuredItem[]? members))
        {
            return null;
        }

        StructuredItem order = Array.Find(members, m => m.Name == "key-order");
        StructuredItem parameters = Array.Find(members, m => m.Name == "params");
        StructuredItem except = Array.Find(members, m => m.Name == "except");
        bool isAll = parameters is { Name: not null, Kind: StructuredKind.Flag, Number: 1 };
        if (!IsNothingOr(order, StructuredKind.Flag)
            || !(IsNothingOr(parameters, StructuredKind.Flag) || IsNames(parameters))
            || (except.Name is not null && !(isAll && IsNames(except))))
        {
            return null;
        }

        StructuredItem names = isAll ? except : parameters;
        var keys = new HashSet<string>((names.Items ?? []).Select(item => Decoded(item.Value)), StringComparer.Ordinal);
        bool ignoresOrder = order is { Name: not null, Number: 1 };
        return isAll || ignoresOrder || keys.Count > 0 ? new SearchVariance(text, ignoresOrder, isAll, keys) : null;
    }

    /// <summary>
    /// The same target without what does not count, and in the order of its names where order does not count. The bytes of
    /// what stays are left as they are: this is what the origin is asked for. Doing it twice gives the same.
    /// </summary>
    /// <param name="target">Path and query; given back as it is when nothing changes.</param>
    public string Simplify(string target)
    {
        int question = target.IndexOf('?', StringComparison.Ordinal);
        if (question < 0 || Read(target, question, out bool isSame) is not { } kept || isSame)
        {
            return target;
        }

        var simple = new StringBuilder(target, 0, question, target.Length);
        char separator = '?';
        foreach ((_, _, Range range) in kept)
        {
            simple.Append(separator).Append(target.AsSpan()[range]);
            separator = '&';
        }

        return simple.ToString();
    }

    /// <summary>§5: whether two targets or URLs are one under this variance.</summary>
    public bool AreEquivalent(string a, string b)
    {
        if (a == b)
        {
            return true;
        }

        int questionA = a.IndexOf('?', StringComparison.Ordinal);
        int questionB = b.IndexOf('?', StringComparison.Ordinal);
        ReadOnlySpan<char> pathA = questionA < 0 ? a : a.AsSpan(0, questionA);
        ReadOnlySpan<char> pathB = questionB < 0 ? b : b.AsSpan(0, questionB);
        return pathA.SequenceEqual(pathB)
            && Read(a, questionA, out _) is { } left && Read(b, questionB, out _) is { } right
            && left.Count == right.Count
            && left.Zip(right).All(pair => pair.First.Name == pair.Second.Name && pair.First.Value == pair.Second.Value);
    }

    /// <summary>What counts of the query, decoded (application/x-www-form-urlencoded), in the order that counts; null: too many parameters.</summary>
    /// <param name="question">Its place; negative: there is no query.</param>
    /// <param name="isSame">The text holds just that and in that order.</param>
    private List<(string Name, string Value, Range Range)>? Read(string text, int question, out bool isSame)
    {
        isSame = true;
        var found = new List<(string Name, string Value, Range Range)>();
        if (question < 0)
        {
            return found;
        }

        ReadOnlySpan<char> query = text.AsSpan(question + 1);
        int parameters = 0;
        foreach (Range range in query.Split('&'))
        {
            if (++parameters > MaxParameters)
            {
                return null;
            }

            ReadOnlySpan<char> parameter = query[range];
            int equals = parameter.IndexOf('=');
            string name = Decoded(equals < 0 ? parameter : parameter[..equals]);
            if (parameter.IsEmpty || _names.Contains(name) != _isWildcard)
            {
                isSame = false;
                continue;
            }

            int start = question + 1 + range.Start.GetOffset(query.Length);
            found.Add((name, Decoded(equals < 0 ? "" : parameter[(equals + 1)..]), start..(start + parameter.Length)));
        }

        if (!_ignoresOrder)
        {
            return found;
        }

        // Stable: parameters of one name keep their order.
        List<(string Name, string Value, Range Range)> sorted = [.. found.OrderBy(f => f.Name, StringComparer.Ordinal)];
        isSame &= found.SequenceEqual(sorted);
        return sorted;
    }

    private static bool IsNothingOr(StructuredItem item, StructuredKind kind) => item.Name is null || item.Kind == kind;

    private static bool IsNames(StructuredItem item) =>
        item is { Name: not null, Kind: StructuredKind.InnerList } && Array.TrueForAll(item.Items, i => i.Kind == StructuredKind.Text);

    /// <summary>A key or value of application/x-www-form-urlencoded, as text; what is no UTF-8 becomes U+FFFD.</summary>
    private static string Decoded(ReadOnlySpan<char> text)
    {
        if (text.IndexOfAny('%', '+') < 0)
        {
            return text.ToString();
        }

        byte[] bytes = new byte[text.Length];
        int length = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '%' && i + 2 < text.Length && char.IsAsciiHexDigit(text[i + 1]) && char.IsAsciiHexDigit(text[i + 2]))
            {
                bytes[length++] = (byte)((Convert.FromHexString(text.Slice(i + 1, 2)))[0]);
                i += 2;
            }
            else
            {
                bytes[length++] = text[i] == '+' ? (byte)' ' : (byte)text[i];
            }
        }

        return Encoding.UTF8.GetString(bytes.AsSpan(0, length));
    }
}
