using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using OrleansCdn.Edge.Rules;

namespace OrleansCdn.Edge.Cache;

/// <summary>
/// Which request fields chose a response (RFC 9111 §4.1): the names of <c>Vary</c> and the values that the request had.
/// </summary>
public sealed class VarySelector
{
    public static readonly VarySelector None = new([], [], null);

    /// <summary>Before the name of a single cookie; no field's name has a colon.</summary>
    private const string CookiePrefix = "cookie:";

    private readonly string[] _names;
    private readonly string[] _values;
    private readonly string? _language;

    private VarySelector(string[] names, string[] values, string? language)
    {
        _names = names;
        _values = values;
        _language = language;
    }

    public ReadOnlySpan<string> Names => _names;

    /// <summary>Of the names, in their order.</summary>
    internal ReadOnlySpan<string> Values => _values;

    /// <summary>The response's only language; empty: none, or several.</summary>
    internal string ContentLanguage => _language ?? "";

    /// <summary>From what <see cref="Names"/>, <see cref="Values"/> and <see cref="ContentLanguage"/> gave.</summary>
    /// <exception cref="InvalidDataException">There are not as many names as values.</exception>
    internal static VarySelector Restore(string[] names, string[] values, string language) =>
        names.Length == values.Length ? names.Length == 0 ? None : new VarySelector(names, values, language.Length == 0 ? null : language) : throw new InvalidDataException("a name without value");

    /// <summary>Names with the values that the request had; null: it had no such field. Whoever shows them hides what <see cref="IsSecret"/>.</summary>
    public IEnumerable<(string Name, string? Value)> Pairs() => _names.Zip(_values, static (name, value) => (name, value == Absent ? null : value));

    /// <summary>Values that may let somebody in as somebody else.</summary>
    public static bool IsSecret(string name) => IsCookie(name) || name is "cookie" or "authorization" or "proxy-authorization";

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

    /// <param name="language">The response's <c>Content-Language</c>: requests that want it most select it too (RFC 9111 §4.1).</param>
    public static VarySelector Of(string[] names, IHeaderDictionary request, string? language = null) =>
        names.Length == 0 ? None : new VarySelector(names, Array.ConvertAll(names, name => Normalize(name, Lines(name, request))), language);

    /// <summary>A single cookie as one of the names here.</summary>
    public static string CookieName(string cookie) => CookiePrefix + cookie;

    /// <summary>Also by these names, which are sorted.</summary>
    public VarySelector With(string[] names, IHeaderDictionary request) =>
        names.Length == 0 ? this : Of(Union(_names, names), request);

    /// <summary>Both, each name once.</summary>
    public static string[] Union(string[] names, string[] others) => others.Length == 0 ? names : [.. names.Union(others, StringComparer.Ordinal)];

    /// <summary>Length of a request's value as it counts here.</summary>
    public static int LengthOf(string name, IHeaderDictionary request) => Normalize(name, Lines(name, request)).Length;

    private static bool IsCookie(string name) => name.StartsWith(CookiePrefix, StringComparison.Ordinal);

    private static StringValues Lines(string name, IHeaderDictionary request) => IsCookie(name)
        ? CookieText.ValueOf(request.Cookie, name[CookiePrefix.Length..])
        : request[name];

    public bool Matches(IHeaderDictionary request)
    {
        for (int i = 0; i < _names.Length; i++)
        {
            // What was sent in the normal form already, or in none, is compared without making a text.
            StringValues lines = Lines(_names[i], request);
            if (!IsSame(lines, _values[i]) && !IsSame(_names[i], lines, _values[i]))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsSame(StringValues lines, string value) => lines.Count switch
    {
        0 => value == Absent,
        1 => string.Equals(lines[0], value, StringComparison.Ordinal),
        _ => false,
    };

    private bool IsSame(string name, StringValues lines, string value) =>
        string.Equals(Normalize(name, lines), value, StringComparison.Ordinal)
        || (_language is not null && name == Language && AcceptLanguage.IsFirstChoice(lines, _language));

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

    private const string Language = "accept-language";

    /// <summary>An absent field is not the same as an empty one; no field can hold this.</summary>
    private const string Absent = "\0";

    /// <summary>One text for all lines and spellings of a field, where they mean the same.</summary>
    private static string Normalize(string name, StringValues lines) => name switch
    {
        "accept-encoding" => AcceptEncoding.Normalize(lines),
        _ when lines.Count == 0 => Absent,
        _ when IsCookie(name) => lines.ToString(),
        Language => AcceptLanguage.Normalize(lines),
        _ => NormalizeList(lines),
    };

    /// <summary>Lines are one list (RFC 9110 §5.3), in which blanks around commas mean nothing; quoted text is left alone.</summary>
    private static string NormalizeList(StringValues lines)
    {
        string text = lines.Count == 1 ? lines[0] ?? "" : string.Join(',', lines!);
        ReadOnlySpan<char> trimmed = text.AsSpan().Trim(" \t");
        if (text.Contains('"') || !(trimmed.Contains(", ", StringComparison.Ordinal) || trimmed.Contains(" ,", StringComparison.Ordinal)
            || trimmed.Contains(",\t", StringComparison.Ordinal) || trimmed.Contains("\t,", StringComparison.Ordinal)))
        {
            return trimmed.Length == text.Length ? text : trimmed.ToString();
        }

        return string.Join(',', text.Split(',').Select(static member => member.Trim(' ', '\t')));
    }
}
