using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace OrleansCdn.Dns.Geo.Mmdb;

/// <summary>A data section while it is written. Texts and records that come again become pointers.</summary>
internal sealed class MmdbOutput
{
    /// <summary>A pointer takes two octets at least.</summary>
    private const int WorthPointing = 3;

    private readonly List<byte> _section = [];
    private readonly Dictionary<MmdbValue, int> _written = [];

    public int Length => _section.Count;

    public ReadOnlySpan<byte> Octets => CollectionsMarshal.AsSpan(_section);

    /// <summary>The offset of a record, written now or before.</summary>
    public int Record(MmdbValue value)
    {
        if (!_written.TryGetValue(value, out int at))
        {
            at = Length;
            Write(value);
            _written[value] = at;
        }

        return at;
    }

    /// <summary>Writes it here: a record, or metadata.</summary>
    public void Write(MmdbValue value)
    {
        switch (value)
        {
            case MmdbValue.Map map:
                Header(MmdbType.Map, map.Entries.Length);
                foreach ((string key, MmdbValue entry) in map.Entries)
                {
                    Member(key);
                    Member(entry);
                }

                break;
            case MmdbValue.Text text:
                byte[] octets = Encoding.UTF8.GetBytes(text.Value);
                Header(MmdbType.Utf8, octets.Length);
                _section.AddRange(octets);
                break;
            case MmdbValue.Number number:
                Number(MmdbType.UInt32, number.Value, 4);
                break;
            case MmdbValue.Real real:
                Header(MmdbType.Double, 8);
                Span<byte> eight = stackalloc byte[8];
                BinaryPrimitives.WriteDoubleBigEndian(eight, real.Value);
                _section.AddRange(eight);
                break;
        }
    }

    /// <summary>Leading zero octets are left out.</summary>
    public void Number(MmdbType type, ulong value, int most)
    {
        int octets = 0;
        while (octets < most && value >> (8 * octets) != 0)
        {
            octets++;
        }

        Header(type, octets);
        for (int i = octets - 1; i >= 0; i--)
        {
            _section.Add((byte)(value >> (8 * i)));
        }
    }

    public void Header(MmdbType type, int size)
    {
        int code = (int)type > 7 ? 0 : (int)type;
        int inline = size switch
        {
            < 29 => size,
            < 285 => 29,
            < 65_821 => 30,
            _ => 31,
        };
        _section.Add((byte)((code << 5) | inline));
        if (code == 0)
        {
            _section.Add((byte)((int)type - 7));
        }

        int rest = size - inline switch
        {
            29 => 29,
            30 => 285,
            31 => 65_821,
            _ => size,
        };
        for (int octet = Math.Max(0, inline - 28) - 1; octet >= 0; octet--)
        {
            _section.Add((byte)(rest >> (8 * octet)));
        }
    }

    private void Member(MmdbValue value)
    {
        if (_written.TryGetValue(value, out int at))
        {
            Pointer(at);
            return;
        }

        at = Length;
        Write(value);
        if (Length - at >= WorthPointing)
        {
            _written[value] = at;
        }
    }

    private void Pointer(int at)
    {
        switch (at)
        {
            case < 2_048:
                _section.Add((byte)(0x20 | (at >> 8)));
                _section.Add((byte)at);
                break;
            case < 2_048 + (1 << 19):
                Pointer(0x28, at - 2_048, 2);
                break;
            case < 526_336 + (1 << 27):
                Pointer(0x30, at - 526_336, 3);
                break;
            default:
                _section.Add(0x38);
                Span<byte> four = stackalloc byte[4];
                BinaryPrimitives.WriteInt32BigEndian(four, at);
                _section.AddRange(four);
                break;
        }
    }

    private void Pointer(int kind, int rest, int octets)
    {
        _section.Add((byte)(kind | (rest >> (8 * octets))));
        for (int octet = octets - 1; octet >= 0; octet--)
        {
            _section.Add((byte)(rest >> (8 * octet)));
        }
    }
}
