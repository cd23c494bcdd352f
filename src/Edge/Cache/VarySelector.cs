using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace OrleansCdn.Edge.Cache;

/// <summary>
/// Which request fields chose a response (RFC 9111 §4.1): the names of <c>Vary</c> and the values that the request had.
/// </summary>
public sealed class VarySelector
{
    public static readonly VarySelector None = new([], []);

    private readonly string[] _names;
    private readonly string[] _values;

    private VarySelector(string[] names, string[] values)
    {
        _names = names;
        _values = values;
    }

    public ReadOnlySpan<string> Names => _names;

    /// <summary><c>*</c> anywhere in any line.</summary>
    public static bool IsAny(StringValues vary)
    {
        foreach (string? line in vary)
        {
            ReadOnlySpan<char> text = line;
            while (DirectiveReader.TryRead(ref text, out ReadOnlySpan<char> name, out _, out _))
            {
                if (name is "*")
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>Sorted, lower case, each name once.</summary>
    public static string[] ParseNames(StringValues vary)
    {
        if (vary.Count == 0)
        {
            return [];
        }

        var names = new SortedSet<string>(StringComparer.Ordinal);
        foreach (string? line in vary)
        {
            ReadOnlySpan<char> text = line;
            while (DirectiveReader.TryRead(ref text, out ReadOnlySpan<char> name, out _, out _))
            {
                names.Add(name.ToString().ToLowerInvariant());
            }
        }

        return [.. names];
    }

    public static VarySelector Of(string[] names, IHeaderDictionary request) =>
        names.Length == 0 ? None : new VarySelector(names, Array.ConvertAll(names, name => Normalize(name, request[name])));

    public bool Matches(IHeaderDictionary request)
    {
        for (int i = 0; i < _names.Length; i++)
        {
            if (!string.Equals(Normalize(_names[i], request[_names[i]]), _values[i], StringComparison.Ordinal))
            {
                return false;
            }
        }

        return true;
    }

    public bool SameAs(VarySelector other) =>
        _names.AsSpan().SequenceEqual(other._names) && _values.AsSpan().SequenceEqual(other._values);

    /// <summary>Bytes for the store's account.</summary>
    public long Weight()
    {
        long weight = 48;
        foreach (string value in _values)
        {
            weight += 24 + (2L * value.Length);
        }

        return weight;
    }

    /// <summary>One text for all lines of a field; an absent field is not the same as an empty one.</summary>
    private static string Normalize(string name, StringValues lines)
    {
        if (name == "accept-encoding")
        {
            return AcceptEncoding.Normalize(lines);
        }

        return lines.Count switch
        {
            0 => "\0",
            1 => Trim(lines[0]),
            _ => string.Join(',', lines.Select(Trim)),
        };

        static string Trim(string? line) => line is null ? "" : line.AsSpan().Trim(" \t").Length == line.Length ? line : line.Trim(' ', '\t');
    }
}
