using System.Diagnostics.CodeAnalysis;
using System.Text;
using Microsoft.Extensions.Primitives;

namespace OrleansCdn.Edge.Cache;

/// <summary>What a bare item is (RFC 9651 §3.3).</summary>
public enum StructuredKind
{
    WholeNumber,
    Fraction,
    Text,
    Token,
    Binary,
    Flag,
    Date,
    DisplayText,

    /// <summary>A parenthesized list; <see cref="StructuredItem.Items"/>.</summary>
    InnerList,
}

/// <summary>A member of a structured field; parameters are checked for their syntax and left out.</summary>
/// <param name="Name">The key in a dictionary; empty in a list.</param>
/// <param name="Number">Of an integer, date (seconds) or flag (0, 1).</param>
/// <param name="Value">Of a string or token, without quotes and escapes; empty otherwise.</param>
public readonly record struct StructuredItem(string Name, StructuredKind Kind, long Number, string Value, StructuredItem[] Items);

/// <summary>
/// Dictionaries and lists of structured fields (RFC 9651 §4.2). One mistake makes the whole field invalid: that is what lets
/// all implementations read the same.
/// </summary>
public ref struct StructuredField
{
    /// <summary>More members than that are an attack.</summary>
    private const int MaxMembers = 1024;

    private ReadOnlySpan<char> _rest;

    private StructuredField(ReadOnlySpan<char> text) => _rest = text;

    /// <summary>Of several members with one key the last counts, in the place of the first (§3.2).</summary>
    public static bool TryParseDictionary(StringValues lines, [NotNullWhen(true)] out StructuredItem[]? members) =>
        new StructuredField(lines.ToString()).TryRead(isDictionary: true, out members);

    public static bool TryParseList(StringValues lines, [NotNullWhen(true)] out StructuredItem[]? members) =>
        new StructuredField(lines.ToString()).TryRead(isDictionary: false, out members);

    private bool TryRead(bool isDictionary, [NotNullWhen(true)] out StructuredItem[]? members)
    {
        members = null;
        var found = new List<StructuredItem>();
        _rest = _rest.Trim(' ');
        while (!_rest.IsEmpty)
        {
            if (!TryReadMember(isDictionary, out StructuredItem member))
            {
                return false;
            }

            int same = isDictionary ? found.FindIndex(f => f.Name == member.Name) : -1;
            if (same >= 0)
            {
                found[same] = member;
            }
            else
            {
                found.Add(member);
            }

            _rest = _rest.TrimStart(" \t");
            if (_rest.IsEmpty)
            {
                break;
            }

            if (found.Count == MaxMembers || !TryTake(','))
            {
                return false;
            }

            _rest = _rest.TrimStart(" \t");
            if (_rest.IsEmpty)
            {
                // A trailing comma.
                return false;
            }
        }

        members = [.. found];
        return true;
    }

    private bool TryReadMember(bool isDictionary, out StructuredItem member)
    {
        member = default;
        string name = "";
        if (isDictionary)
        {
            if (!TryReadKey(out name))
            {
                return false;
            }

            if (!TryTake('='))
            {
                member = new StructuredItem(name, StructuredKind.Flag, 1, "", []);
                return TryReadParameters();
            }
        }

        bool isRead = !_rest.IsEmpty && _rest[0] == '(' ? TryReadInnerList(out member) : TryReadBareItem(out member) && TryReadParameters();
        member = member with { Name = name };
        return isRead;
    }

    private bool TryReadInnerList(out StructuredItem list)
    {
        list = default;
        var items = new List<StructuredItem>();
        TryTake('(');
        while (true)
        {
            _rest = _rest.TrimStart(' ');
            if (TryTake(')'))
            {
                list = new StructuredItem("", StructuredKind.InnerList, 0, "", [.. items]);
                return TryReadParameters();
            }

            if (items.Count == MaxMembers || !TryReadBareItem(out StructuredItem item) || !TryReadParameters()
                || _rest.IsEmpty || _rest[0] is not (' ' or ')'))
            {
                return false;
            }

            items.Add(item);
        }
    }

    private bool TryReadParameters()
    {
        while (TryTake(';'))
        {
            _rest = _rest.TrimStart(' ');
            if (!TryReadKey(out _) || (TryTake('=') && !TryReadBareItem(out _)))
            {
                return false;
            }
        }

        return true;
    }

    private bool TryReadKey(out string key)
    {
        int length = 0;
        while (length < _rest.Length
            && (char.IsAsciiLetterLower(_rest[length]) || _rest[length] == '*' || (length > 0 && (char.IsAsciiDigit(_rest[length]) || _rest[length] is '_' or '-' or '.'))))
        {
            length++;
        }

        key = _rest[..length].ToString();
        _rest = _rest[length..];
        return length > 0;
    }

    private bool TryReadBareItem(out StructuredItem item)
    {
        item = default;
        if (_rest.IsEmpty)
        {
            return false;
        }

        switch (_rest[0])
        {
            case '"':
                return TryReadText(out item);
            case '?':
                bool isFlag = _rest.Length > 1 && _rest[1] is '0' or '1';
                item = new StructuredItem("", StructuredKind.Flag, isFlag ? _rest[1] - '0' : 0, "", []);
                _rest = isFlag ? _rest[2..] : _rest;
                return isFlag;
            case ':':
                int end = _rest[1..].IndexOf(':');
                bool isBinary = end >= 0 && !_rest.Slice(1, end).ContainsAnyExcept(Base64);
                item = new StructuredItem("", StructuredKind.Binary, 0, "", []);
                _rest = isBinary ? _rest[(end + 2)..] : _rest;
                return isBinary;
            case '@':
                _rest = _rest[1..];
                bool isDate = TryReadNumber(out item) && item.Kind == StructuredKind.WholeNumber;
                item = item with { Kind = StructuredKind.Date };
                return isDate;
            case '%':
                return TryReadDisplayText(out item);
            case '-' or (>= '0' and <= '9'):
                return TryReadNumber(out item);
            default:
                return TryReadToken(out item);
        }
    }

    private static readonly System.Buffers.SearchValues<char> Base64 =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=");

    private bool TryReadNumber(out StructuredItem item)
    {
        item = default;
        bool isNegative = TryTake('-');
        int length = 0;
        int point = -1;
        long number = 0;
        while (length < _rest.Length && (char.IsAsciiDigit(_rest[length]) || (_rest[length] == '.' && point < 0 && length > 0)))
        {
            if (_rest[length] == '.')
            {
                point = length;
            }
            else if (point < 0 && length < 15)
            {
                number = (number * 10) + (_rest[length] - '0');
            }

            length++;
        }

        // At most 15 digits, or 12 before the point and 3 after it (§3.3.1, §3.3.2).
        bool isValid = length > 0 && (point < 0 ? length <= 15 : point <= 12 && length - point - 1 is >= 1 and <= 3);
        _rest = _rest[length..];
        item = new StructuredItem("", point < 0 ? StructuredKind.WholeNumber : StructuredKind.Fraction, isNegative ? -number : number, "", []);
        return isValid;
    }

    private bool TryReadText(out StructuredItem item)
    {
        var text = new StringBuilder();
        item = default;
        for (int i = 1; i < _rest.Length; i++)
        {
            char c = _rest[i];
            if (c == '"')
            {
                _rest = _rest[(i + 1)..];
                item = new StructuredItem("", StructuredKind.Text, 0, text.ToString(), []);
                return true;
            }

            if (c == '\\' && (++i == _rest.Length || (c = _rest[i]) is not ('"' or '\\')))
            {
                return false;
            }

            if (c is < ' ' or > '~')
            {
                return false;
            }

            text.Append(c);
        }

        return false;
    }

    /// <summary>Percent-encoded UTF-8 in quotes; none of the fields read here uses it, so the text is not kept.</summary>
    private bool TryReadDisplayText(out StructuredItem item)
    {
        item = new StructuredItem("", StructuredKind.DisplayText, 0, "", []);
        int close = _rest.Length > 1 && _rest[1] == '"' ? _rest[2..].IndexOf('"') : -1;
        if (close < 0)
        {
            return false;
        }

        _rest = _rest[(close + 3)..];
        return true;
    }

    private bool TryReadToken(out StructuredItem item)
    {
        item = default;
        if (!char.IsAsciiLetter(_rest[0]) && _rest[0] != '*')
        {
            return false;
        }

        int length = 1;
        while (length < _rest.Length && (char.IsAsciiLetterOrDigit(_rest[length]) || "!#$%&'*+-.^_`|~:/".Contains(_rest[length], StringComparison.Ordinal)))
        {
            length++;
        }

        item = new StructuredItem("", StructuredKind.Token, 0, _rest[..length].ToString(), []);
        _rest = _rest[length..];
        return true;
    }

    private bool TryTake(char c)
    {
        if (_rest.IsEmpty || _rest[0] != c)
        {
            return false;
        }

        _rest = _rest[1..];
        return true;
    }
}
