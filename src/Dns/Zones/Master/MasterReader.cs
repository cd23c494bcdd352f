using OrleansCdn.Dns.Wire;
using OrleansCdn.Dns.Zones.Rdata;

namespace OrleansCdn.Dns.Zones.Master;

/// <summary>Records of a master file (RFC 1035 §5, RFC 2308 §4, RFC 3597 §5), and every mistake in it.</summary>
internal sealed class MasterReader(byte[] zone, uint ttl, ZoneMistakes mistakes)
{
    /// <summary>Of one zone: a hundred times what a site's zone has, and about 20 MiB of memory.</summary>
    public const int MaxRecords = 100_000;

    private readonly List<ZoneRecord> _records = [];
    private readonly byte[] _zone = zone;
    private byte[] _origin = zone;
    private byte[]? _owner;
    private uint _ttl = ttl;

    public List<ZoneRecord> Read(string text)
    {
        var lexer = new MasterLexer(text, mistakes);
        while (lexer.Next() is MasterEntry entry)
        {
            if (entry is { BeginsBlank: false, Tokens: [{ IsQuoted: false, Text: ['$', ..] }, ..] })
            {
                ReadDirective(entry);
            }
            else if (!ReadRecord(entry))
            {
                break;
            }
        }

        return _records;
    }

    private void ReadDirective(MasterEntry entry)
    {
        MasterToken name = entry.Tokens[0];
        string? value = entry.Tokens is [_, { IsQuoted: false } one] ? one.Text : null;
        if (name.Is("$INCLUDE") || name.Is("$GENERATE"))
        {
            mistakes.Error(entry.Line, name.Text, "is not read here: a config is one text", "write the records themselves");
        }
        else if (name.Is("$TTL"))
        {
            if (value is null || !TtlText.TryParse(value, out _ttl))
            {
                mistakes.Error(entry.Line, value ?? name.Text, "is no time to live", $"write $TTL and {TtlText.Form}");
            }
        }
        else if (name.Is("$ORIGIN"))
        {
            if (value is null || !NameText.TryParse(value, _origin, out byte[] origin, out string? problem))
            {
                mistakes.Error(entry.Line, value ?? name.Text, "is no origin", "write $ORIGIN and one name");
            }
            else
            {
                _ = problem;
                _origin = origin;
            }
        }
        else
        {
            mistakes.Error(entry.Line, name.Text, "is no directive", "$ORIGIN and $TTL are");
        }
    }

    /// <returns>False: nothing more is read.</returns>
    private bool ReadRecord(MasterEntry entry)
    {
        int at = 0;
        if (!entry.BeginsBlank)
        {
            _owner = ReadOwner(entry.Tokens[at++]);
        }
        else if (_owner is null)
        {
            mistakes.Error(entry.Line, entry.Tokens[0].Text, "has no name before it, and there is none to go on with", "begin the line with the name");
            return true;
        }

        uint ttl = _ttl;
        ReadTtlAndClass(entry, ref at, ref ttl);
        if (at >= entry.Tokens.Count)
        {
            mistakes.Error(entry.Line, entry.Tokens[^1].Text, "is followed by no type", "a record is NAME TTL TYPE DATA");
            return true;
        }

        MasterToken type = entry.Tokens[at++];
        var fields = new RdataFields(entry.Tokens.Skip(at).ToArray(), _origin, entry.Line);
        if (!RdataText.TryRead(type, fields, out DnsType number, out byte[] rdata))
        {
            mistakes.Error(fields.Line, fields.Subject, fields.Problem!, fields.Instead);
        }
        else if (_owner is { Length: > 0 })
        {
            if (_records.Count >= MaxRecords)
            {
                mistakes.Error(entry.Line, "", $"has more than {MaxRecords} records");
                return false;
            }

            _records.Add(new ZoneRecord(_owner, number, ttl, rdata, entry.Line));
        }

        return true;
    }

    /// <returns>Empty: what is wrong with it has been said.</returns>
    private byte[] ReadOwner(MasterToken token)
    {
        if (!NameText.TryParse(token.Text, _origin, out byte[] owner, out string? problem))
        {
            mistakes.Error(token.Line, token.Text, problem!);
            return [];
        }

        if (!WireName.IsAtOrBelow(owner, _zone))
        {
            mistakes.Error(
                token.Line, token.Text, "is not in the zone", token.Text.EndsWith('.') ? "names outside belong to another zone" : "without a dot at its end it is relative to $ORIGIN");
            return [];
        }

        return owner;
    }

    /// <summary>Either may be left out, and they come in either order (RFC 1035 §5.1).</summary>
    private void ReadTtlAndClass(MasterEntry entry, ref int at, ref uint ttl)
    {
        bool hasTtl = false, hasClass = false;
        for (; at < entry.Tokens.Count; at++)
        {
            MasterToken token = entry.Tokens[at];
            if (!hasClass && token.Is("IN"))
            {
                hasClass = true;
            }
            else if (!hasClass && (token.Is("CH") || token.Is("HS") || token.Is("CS")))
            {
                hasClass = true;
                mistakes.Error(token.Line, token.Text, "is not the Internet's class", "write IN or leave it out");
            }
            else if (!hasTtl && token.Text.Length > 0 && char.IsAsciiDigit(token.Text[0]) && !token.IsQuoted)
            {
                hasTtl = true;
                if (!TtlText.TryParse(token.Text, out ttl))
                {
                    mistakes.Error(token.Line, token.Text, "is no time to live", $"write {TtlText.Form}");
                }
            }
            else
            {
                return;
            }
        }
    }
}
