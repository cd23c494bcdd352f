using System.Text;

namespace OrleansCdn.Dns.Zones.Master;

/// <summary>Cuts a master file into entries (RFC 1035 §5.1): comments, quotes, escapes, parentheses.</summary>
internal sealed class MasterLexer(string text, ZoneMistakes mistakes)
{
    /// <summary>Words of one entry: a TXT record of 64 KiB in strings of 255 octets has fewer.</summary>
    private const int MaxTokens = 512;

    private int _at;
    private int _line = 1;

    /// <returns>Null: there are no more.</returns>
    public MasterEntry? Next()
    {
        var tokens = new List<MasterToken>();
        bool beginsBlank = _at < text.Length && text[_at] is ' ' or '\t';
        int open = 0;
        int openLine = 0;
        bool isTooLong = false;
        while (_at < text.Length)
        {
            char c = text[_at];
            switch (c)
            {
                case '\n':
                    _at++;
                    _line++;
                    if (open > 0)
                    {
                        break;
                    }

                    if (tokens.Count > 0)
                    {
                        return new MasterEntry(tokens, tokens[0].Line, beginsBlank);
                    }

                    beginsBlank = _at < text.Length && text[_at] is ' ' or '\t';
                    isTooLong = false;
                    break;
                case ' ' or '\t' or '\r':
                    _at++;
                    break;
                case ';':
                    SkipComment();
                    break;
                case '(':
                    open++;
                    openLine = _line;
                    _at++;
                    break;
                case ')':
                    _at++;
                    if (--open < 0)
                    {
                        mistakes.Error(_line, ")", "closes what was not opened");
                        open = 0;
                    }

                    break;
                default:
                    MasterToken token = c == '"' ? Quoted() : Word();
                    if (tokens.Count < MaxTokens)
                    {
                        tokens.Add(token);
                    }
                    else if (!isTooLong)
                    {
                        isTooLong = true;
                        mistakes.Error(token.Line, token.Text, $"is the {MaxTokens + 1}th word of one record", "a record has fewer");
                    }

                    break;
            }
        }

        if (open > 0)
        {
            mistakes.Error(openLine, "(", "is not closed before the end");
        }

        return tokens.Count > 0 ? new MasterEntry(tokens, tokens[0].Line, beginsBlank) : null;
    }

    private void SkipComment()
    {
        int end = text.IndexOf('\n', _at);
        _at = end < 0 ? text.Length : end;
    }

    private MasterToken Quoted()
    {
        int line = _line;
        var word = new StringBuilder();
        for (_at++; _at < text.Length && text[_at] != '\n'; _at++)
        {
            if (text[_at] == '"')
            {
                _at++;
                return new MasterToken(word.ToString(), line, IsQuoted: true);
            }

            TakeOne(word);
        }

        mistakes.Error(line, "\"" + word, "is not closed before the end of its line", "close it with \"");
        return new MasterToken(word.ToString(), line, IsQuoted: true);
    }

    private MasterToken Word()
    {
        var word = new StringBuilder();
        for (; _at < text.Length && text[_at] is not (' ' or '\t' or '\r' or '\n' or ';' or '(' or ')' or '"'); _at++)
        {
            TakeOne(word);
        }

        return new MasterToken(word.ToString(), _line, IsQuoted: false);
    }

    /// <summary>A character, with the one that it escapes.</summary>
    private void TakeOne(StringBuilder word)
    {
        word.Append(text[_at]);
        if (text[_at] == '\\' && _at + 1 < text.Length && text[_at + 1] is not ('\n' or '\r'))
        {
            word.Append(text[++_at]);
        }
    }
}
