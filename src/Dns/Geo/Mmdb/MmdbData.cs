using System.Buffers.Binary;
using System.Globalization;

namespace OrleansCdn.Dns.Geo.Mmdb;

/// <summary>
/// Reads values of a data section (MaxMind DB 2.0). Every offset is checked; what is wrong is said by <see cref="Fault"/>, after which
/// everything reads as nothing. The number of values that one reader looks at is bounded, since maps can be shared by pointers.
/// </summary>
internal ref struct MmdbData(ReadOnlySpan<byte> data, int budget)
{
    /// <summary>GeoIP2 City has some 150 values a record, most of them names in eight languages; Enterprise twice that.</summary>
    public const int ValuesPerRecord = 4_096;

    private readonly ReadOnlySpan<byte> _data = data;
    private readonly int _budget = budget;

    /// <summary>How many values were looked at.</summary>
    public int Used { get; private set; }

    /// <summary>What is wrong and where; null: nothing so far.</summary>
    public string? Fault { get; private set; }

    /// <summary>The value at <paramref name="at"/>, or the one that it points to. <paramref name="next"/>: behind it, when it is no container.</summary>
    public MmdbItem Read(int at, out int next)
    {
        MmdbItem item = Header(at);
        if (item.Type != MmdbType.Pointer)
        {
            next = item.IsContainer ? item.Start : item.End;
            return item;
        }

        next = item.Start;
        MmdbItem target = Header(item.Size);
        if (target.Type == MmdbType.Pointer)
        {
            Fail(at, "a pointer leads to another pointer");
            return default;
        }

        return target;
    }

    /// <summary>The offset behind the value at <paramref name="at"/> and all that it contains; pointers are not followed.</summary>
    public int Skip(int at)
    {
        for (long pending = 1; pending > 0 && Fault is null; pending--)
        {
            MmdbItem item = Header(at);
            at = item.IsContainer || item.Type == MmdbType.Pointer ? item.Start : item.End;
            pending += item.Type switch
            {
                MmdbType.Map => 2L * item.Size,
                MmdbType.Array => item.Size,
                _ => 0,
            };
        }

        return at;
    }

    /// <summary>UTF-8 octets; empty: not a text.</summary>
    public readonly ReadOnlySpan<byte> Text(MmdbItem item) => item.Type == MmdbType.Utf8 ? Payload(item) : default;

    /// <summary>An unsigned number of at most 64 bits; null: not one.</summary>
    public readonly ulong? Number(MmdbItem item)
    {
        if (item.Type is not (MmdbType.UInt16 or MmdbType.UInt32 or MmdbType.UInt64))
        {
            return null;
        }

        ulong value = 0;
        foreach (byte octet in Payload(item))
        {
            value = (value << 8) | octet;
        }

        return value;
    }

    /// <summary>Not a number: not of a floating type.</summary>
    public readonly double Real(MmdbItem item) => item.Type switch
    {
        MmdbType.Double => BinaryPrimitives.ReadDoubleBigEndian(Payload(item)),
        MmdbType.Float => BinaryPrimitives.ReadSingleBigEndian(Payload(item)),
        _ => double.NaN,
    };

    public void Fail(int at, string what) =>
        Fault ??= string.Create(CultureInfo.InvariantCulture, $"offset {at} of the data section: {what}");

    private readonly ReadOnlySpan<byte> Payload(MmdbItem item) => _data.Slice(item.Start, item.Size);

    private MmdbItem Header(int at)
    {
        if (Fault is not null || Used++ >= _budget)
        {
            Fail(at, "a record has more values than any that is known");
            return default;
        }

        int place = at;
        int control = Octets(ref place, 1);
        var type = (MmdbType)(control >> 5);
        if (type == MmdbType.Pointer)
        {
            return new MmdbItem(type, Target(control, ref place), place);
        }

        if (type == MmdbType.Extended)
        {
            // Beyond float nothing is defined, and below int32 nothing is extended.
            int extended = Octets(ref place, 1) + 7;
            if (extended is < (int)MmdbType.Int32 or > (int)MmdbType.Float)
            {
                Fail(at, "a type that the format does not have");
                return default;
            }

            type = (MmdbType)extended;
        }

        int size = control & 0x1F;
        size = size switch
        {
            29 => 29 + Octets(ref place, 1),
            30 => 285 + Octets(ref place, 2),
            31 => 65_821 + Octets(ref place, 3),
            _ => size,
        };
        var item = new MmdbItem(type, size, place);
        if (Fault is null && Wrong(item) is { } wrong)
        {
            Fail(at, wrong);
        }

        return Fault is null ? item : default;
    }

    private readonly string? Wrong(MmdbItem item)
    {
        int most = item.Type switch
        {
            MmdbType.UInt16 => 2,
            MmdbType.UInt32 or MmdbType.Int32 => 4,
            MmdbType.UInt64 => 8,
            MmdbType.UInt128 => 16,
            MmdbType.Double => 8,
            MmdbType.Float => 4,
            MmdbType.Boolean => 1,
            _ => int.MaxValue,
        };
        if (item.Size > most || (item.Type is MmdbType.Double or MmdbType.Float && item.Size != most))
        {
            return "a size that its type cannot have";
        }

        if (item.Type is MmdbType.Container or MmdbType.EndMarker)
        {
            return "a value where none may be";
        }

        // Each entry of a container takes an octet at least.
        return item.Start + (item.Type == MmdbType.Boolean ? 0 : item.Size) > _data.Length ? "a value reaches past the end" : null;
    }

    /// <summary>Where a pointer leads: 11, 19, 27 or 32 bits, the first three with what the shorter ones reach added.</summary>
    private int Target(int control, ref int place)
    {
        int high = control & 7;
        int at = place;
        long target = ((control >> 3) & 3) switch
        {
            0 => (high << 8) | Octets(ref place, 1),
            1 => ((high << 16) | Octets(ref place, 2)) + 2_048,
            2 => ((high << 24) | Octets(ref place, 3)) + 526_336,
            _ => (uint)Octets(ref place, 4),
        };
        if (target >= _data.Length)
        {
            Fail(at, "a pointer leads past the end");
            return 0;
        }

        return (int)target;
    }

    private int Octets(ref int at, int count)
    {
        if (Fault is not null || at < 0 || at > _data.Length - count)
        {
            Fail(at, "the data ends within a value");
            return 0;
        }

        int value = 0;
        foreach (byte octet in _data.Slice(at, count))
        {
            value = (value << 8) | octet;
        }

        at += count;
        return value;
    }
}

/// <param name="Type">Its type.</param>
/// <param name="Size">Octets of its payload; entries of a container; where a pointer leads; a boolean's value.</param>
/// <param name="Start">Where its payload begins.</param>
internal readonly record struct MmdbItem(MmdbType Type, int Size, int Start)
{
    public bool IsContainer => Type is MmdbType.Map or MmdbType.Array;

    /// <summary>Behind it, when it is no container.</summary>
    public int End => Type == MmdbType.Boolean ? Start : Start + Size;
}
