using System.Globalization;
using System.Net;
using System.Text;

namespace OrleansCdn.Dns.Tests.Kit;

/// <summary>One record of a message, its data as text where the test reads it.</summary>
internal sealed record SeenRecord(string Owner, int Type, int Class, uint Ttl, string Data, byte[] Octets);

/// <summary>
/// A response as a reader sees it that shares no code with the server: strict about lengths, pointers and what is left over. What breaks
/// the format throws.
/// </summary>
internal sealed class SeenMessage
{
    private readonly byte[] _octets;
    private int _at;

    private SeenMessage(byte[] octets) => _octets = octets;

    public int Id { get; private set; }

    public int Flags { get; private set; }

    public bool IsAuthoritative => (Flags & 0x0400) != 0;

    public bool IsTruncated => (Flags & 0x0200) != 0;

    public bool RecursionDesired => (Flags & 0x0100) != 0;

    /// <summary>With the upper bits of OPT.</summary>
    public int Rcode { get; private set; }

    public string? QuestionName { get; private set; }

    public int QuestionType { get; private set; }

    public List<SeenRecord> Answer { get; } = [];

    public List<SeenRecord> Authority { get; } = [];

    /// <summary>Without OPT.</summary>
    public List<SeenRecord> Additional { get; } = [];

    public SeenRecord? Opt { get; private set; }

    public int Version { get; private set; }

    public bool DnssecOk { get; private set; }

    public Dictionary<int, byte[]> Options { get; } = [];

    public IEnumerable<SeenRecord> All => Answer.Concat(Authority).Concat(Additional);

    public static SeenMessage Read(ReadOnlySpan<byte> octets)
    {
        var message = new SeenMessage(octets.ToArray());
        message.ReadAll();
        return message;
    }

    /// <summary>"NAME TYPE DATA" of a section, sorted, for comparisons.</summary>
    public static string[] Lines(IEnumerable<SeenRecord> records) =>
        [.. records.Select(r => string.Create(CultureInfo.InvariantCulture, $"{r.Owner} {r.Type} {r.Data}")).Order(StringComparer.Ordinal)];

    private void ReadAll()
    {
        Id = U16();
        Flags = U16();
        Require((Flags & 0x8000) != 0, "it is no response");
        int[] counts = [U16(), U16(), U16(), U16()];
        Require(counts[0] <= 1, "more than one question");
        if (counts[0] == 1)
        {
            QuestionName = Name();
            QuestionType = U16();
            U16();
        }

        ReadRecords(counts[1], Answer);
        ReadRecords(counts[2], Authority);
        ReadRecords(counts[3], Additional);
        Require(_at == _octets.Length, $"{_octets.Length - _at} octets are left over");
        Rcode = Flags & 0xf;
        SeenRecord[] opts = [.. Additional.Where(r => r.Type == 41)];
        Require(opts.Length <= 1 && !Answer.Concat(Authority).Any(r => r.Type == 41), "OPT in the wrong place");
        if (opts is [SeenRecord opt])
        {
            ReadOpt(opt);
        }
    }

    private void ReadOpt(SeenRecord opt)
    {
        Require(opt.Owner == ".", "OPT is not the root's");
        Additional.Remove(opt);
        Opt = opt;
        Rcode |= (int)(opt.Ttl >> 24) << 4;
        Version = (int)(opt.Ttl >> 16) & 0xff;
        DnssecOk = (opt.Ttl & 0x8000) != 0;
        Require((opt.Ttl & 0x7fff) == 0, "unknown EDNS flags are set");
        byte[] rest = opt.Octets;
        while (rest.Length > 0)
        {
            int length = (rest[2] << 8) | rest[3];
            Require(Options.TryAdd((rest[0] << 8) | rest[1], rest[4..(4 + length)]), "an option twice");
            rest = rest[(4 + length)..];
        }
    }

    private void ReadRecords(int count, List<SeenRecord> records)
    {
        for (int i = 0; i < count; i++)
        {
            string owner = Name();
            int type = U16();
            int @class = U16();
            uint ttl = ((uint)U16() << 16) | (uint)U16();
            int length = U16();
            int end = _at + length;
            Require(end <= _octets.Length, "RDATA is cut off");
            byte[] octets = _octets[_at..end];
            string data = Data(type, end, octets);
            Require(_at == end, $"RDATA of type {type} is {length} octets, read {_at - end + length}");
            records.Add(new SeenRecord(owner, type, @class, ttl, data, octets));
        }
    }

    private string Data(int type, int end, byte[] octets)
    {
        switch (type)
        {
            case 1:
                Require(octets.Length == 4, "A");
                break;
            case 28:
                Require(octets.Length == 16, "AAAA");
                break;
            case 2 or 5 or 12:
                return Name();
            case 15:
                return $"{U16()} {Name()}";
            case 6:
                return $"{Name()} {Name()} {U16()} {U16()} {U16()} {U16()} {U16()} {U16()} {U16()} {U16()} {U16()} {U16()}";
            case 33:
                return $"{U16()} {U16()} {U16()} {Name(mayCompress: false)}";
            case 16:
                var text = new StringBuilder();
                for (int at = 0; at < octets.Length; at += 1 + octets[at])
                {
                    Require(at + 1 + octets[at] <= octets.Length, "TXT");
                    text.Append('"').Append(Encoding.Latin1.GetString(octets, at + 1, octets[at])).Append('"');
                }

                _at = end;
                return text.ToString();
        }

        _at = end;
        return type is 1 or 28 ? new IPAddress(octets).ToString() : Convert.ToHexString(octets);
    }

    private string Name(bool mayCompress = true)
    {
        var name = new StringBuilder();
        int at = _at;
        int length = 0;
        bool jumped = false;
        while (true)
        {
            Require(at < _octets.Length, "a name is cut off");
            int label = _octets[at];
            if (label >= 0xc0)
            {
                Require(mayCompress, "a name is compressed where it must not be");
                Require(at + 1 < _octets.Length, "a pointer is cut off");
                int target = ((label & 0x3f) << 8) | _octets[at + 1];
                Require(target < at && target >= 12, "a pointer leads forwards or into the header");
                if (!jumped)
                {
                    _at = at + 2;
                }

                jumped = true;
                at = target;
                continue;
            }

            Require(label < 64 && (length += 1 + label) <= 255, "a label or name is too long");
            if (label == 0)
            {
                if (!jumped)
                {
                    _at = at + 1;
                }

                return name.Length == 0 ? "." : name.ToString();
            }

            Require(at + 1 + label <= _octets.Length, "a label is cut off");
            foreach (byte octet in _octets.AsSpan(at + 1, label))
            {
                name.Append(octet is > 0x20 and < 0x7f and not (byte)'.' ? ((char)octet).ToString() : $"\\{octet:D3}");
            }

            name.Append('.');
            at += 1 + label;
        }
    }

    private int U16()
    {
        Require(_at + 2 <= _octets.Length, "the message is cut off");
        _at += 2;
        return (_octets[_at - 2] << 8) | _octets[_at - 1];
    }

    private void Require(bool isSo, string problem)
    {
        if (!isSo)
        {
            throw new FormatException($"{problem} at {_at}: {Convert.ToHexString(_octets)}");
        }
    }
}
