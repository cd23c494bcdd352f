using OrleansCdn.Contracts.Config;

namespace OrleansCdn.Edge.Rules;

/// <summary>
/// What stays of a query. The result is both the key's and what the origin is asked for. Nothing is decoded: a parameter is
/// what stands between two <c>&amp;</c>, and its name what stands before its first <c>=</c>. Doing it twice gives the same.
/// </summary>
internal sealed class QueryRule(QueryHandling handling, string[] names, bool isSorted)
{
    /// <param name="target">Path and query; given back as it is when nothing changes.</param>
    public string Apply(string target)
    {
        int question = target.IndexOf('?', StringComparison.Ordinal);
        if (question < 0 || (handling == QueryHandling.Keep && !isSorted))
        {
            return target;
        }

        if (handling == QueryHandling.Ignore)
        {
            return target[..question];
        }

        ReadOnlySpan<char> query = target.AsSpan(question + 1);
        if (!Changes(query))
        {
            return target;
        }

        List<Range> kept = Kept(query);
        if (kept.Count == 0)
        {
            return target[..question];
        }

        if (isSorted)
        {
            Sort(target, question + 1, kept);
        }

        return Join(target, question + 1, kept);
    }

    /// <summary>Most targets stay as they are: they cost no memory.</summary>
    private bool Changes(ReadOnlySpan<char> query)
    {
        ReadOnlySpan<char> before = default;
        foreach (Range range in query.Split('&'))
        {
            ReadOnlySpan<char> name = NameOf(query[range]);
            if (query[range].IsEmpty || !IsKept(name) || (isSorted && before.SequenceCompareTo(name) > 0))
            {
                return true;
            }

            before = name;
        }

        return false;
    }

    private List<Range> Kept(ReadOnlySpan<char> query)
    {
        var kept = new List<Range>();
        foreach (Range range in query.Split('&'))
        {
            if (!query[range].IsEmpty && IsKept(NameOf(query[range])))
            {
                kept.Add(range);
            }
        }

        return kept;
    }

    /// <summary>By name; parameters of one name keep their order, which means something to most origins.</summary>
    private static void Sort(string target, int start, List<Range> parameters) => parameters.Sort((a, b) =>
    {
        ReadOnlySpan<char> query = target.AsSpan(start);
        int order = NameOf(query[a]).SequenceCompareTo(NameOf(query[b]));
        return order != 0 ? order : a.Start.Value.CompareTo(b.Start.Value);
    });

    private static string Join(string target, int start, List<Range> parameters)
    {
        int length = start + parameters.Count - 1;
        foreach (Range range in parameters)
        {
            length += range.End.Value - range.Start.Value;
        }

        return string.Create(length, (target, start, parameters), static (text, from) =>
        {
            ReadOnlySpan<char> query = from.target.AsSpan(from.start);
            from.target.AsSpan(0, from.start).CopyTo(text);
            text = text[from.start..];
            foreach (Range range in from.parameters)
            {
                ReadOnlySpan<char> parameter = query[range];
                parameter.CopyTo(text);
                text = text[parameter.Length..];
                if (!text.IsEmpty)
                {
                    text[0] = '&';
                    text = text[1..];
                }
            }
        });
    }

    private static ReadOnlySpan<char> NameOf(ReadOnlySpan<char> parameter)
    {
        int equals = parameter.IndexOf('=');
        return equals < 0 ? parameter : parameter[..equals];
    }

    private bool IsKept(ReadOnlySpan<char> name) => handling switch
    {
        QueryHandling.Keep => true,
        QueryHandling.Drop => !IsNamed(name),
        _ => IsNamed(name),
    };

    private bool IsNamed(ReadOnlySpan<char> name)
    {
        foreach (string pattern in names)
        {
            if (pattern[^1] == '*' ? name.StartsWith(pattern.AsSpan(0, pattern.Length - 1), StringComparison.Ordinal) : name.SequenceEqual(pattern))
            {
                return true;
            }
        }

        return false;
    }
}
