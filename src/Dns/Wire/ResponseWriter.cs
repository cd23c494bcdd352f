using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using OrleansCdn.Dns.Zones;

namespace OrleansCdn.Dns.Wire;

/// <summary>The sections of a response, in which order they stand.</summary>
internal enum Section
{
    Answer,
    Authority,
    Additional,
}

/// <summary>Builds a response in the buffer of the transport: whole record sets or nothing of them, names compressed (RFC 1035 §4.1.4).</summary>
internal ref struct ResponseWriter
{
    /// <summary>Names of most answers; what does not fit in is written in full.</summary>
    private const int MaxKnownNames = 32;

    /// <summary>RFC 1035 §4.1.4: 14 bits.</summary>
    private const int MaxPointer = 0x3fff;

    private readonly Span<byte> _message;
    private KnownNames _known;
    private int _knownCount;
    private Counts _counts;

    /// <param name="message">As long as the response may become.</param>
    /// <param name="query">Its id, flags and question are repeated.</param>
    /// <param name="reserved">Octets to be left for the OPT record, which every answer to a query with one has.</param>
    public ResponseWriter(Span<byte> message, in DnsQuery query, int reserved)
    {
        _message = message;
        Limit = message.Length - reserved;
        BinaryPrimitives.WriteUInt16BigEndian(message, query.Id);
        message[2] = (byte)(DnsHeader.Response | (query.Flags1 & (DnsHeader.OpcodeMask | DnsHeader.RecursionDesired)));
        message[3] = (byte)(query.Flags2 & DnsHeader.CheckingDisabled);
        message[4..DnsHeader.Length].Clear();
        Length = DnsHeader.Length;
        if (query.Question.IsEmpty)
        {
            return;
        }

        query.Question.CopyTo(message[Length..]);
        message[5] = 1;
        Remember(query.Name, Length);
        Length += query.Question.Length;
    }

    public int Length { get; private set; }

    /// <summary>How far sections may go.</summary>
    public int Limit { get; }

    /// <summary>Something that has to be there did not fit.</summary>
    public bool IsTruncated { get; private set; }

    /// <summary>A place to come back to when what was written behind it is not to stand.</summary>
    public readonly Mark Here => new(Length, _knownCount, _counts);

    public void Back(in Mark mark) => (Length, _knownCount, _counts) = (mark.Length, mark.Known, mark.Counts);

    public readonly void SetAuthoritative(bool isSo = true) =>
        _message[2] = (byte)(isSo ? _message[2] | DnsHeader.Authoritative : _message[2] & ~DnsHeader.Authoritative);

    /// <summary>TC: the other side asks again over TCP.</summary>
    public void Truncate()
    {
        IsTruncated = true;
        _message[2] |= DnsHeader.Truncated;
    }

    /// <returns>False: they do not fit, and nothing of them stands.</returns>
    public bool TryWrite(Section section, ReadOnlySpan<byte> owner, RrSetView set)
    {
        Mark mark = Here;
        foreach (ReadOnlySpan<byte> rdata in set)
        {
            if (!TryWriteRecord(section, owner, set.Type, set.Ttl, rdata))
            {
                Back(mark);
                return false;
            }
        }

        return true;
    }

    public bool TryWriteRecord(Section section, ReadOnlySpan<byte> owner, DnsType type, uint ttl, ReadOnlySpan<byte> rdata, DnsClass @class = DnsClass.Internet)
    {
        // The worst case of owner and record, so that no write below has to look.
        if (Length + owner.Length + 10 + rdata.Length > Limit)
        {
            return false;
        }

        WriteName(owner);
        Span<byte> head = _message[Length..];
        BinaryPrimitives.WriteUInt16BigEndian(head, (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(head[2..], (ushort)@class);
        BinaryPrimitives.WriteUInt32BigEndian(head[4..], ttl);
        Length += 10;
        int start = Length;
        WriteRdata(type, rdata);
        BinaryPrimitives.WriteUInt16BigEndian(head[8..], (ushort)(Length - start));
        _counts[(int)section]++;
        return true;
    }

    /// <summary>Behind everything else, in the room that was left for it.</summary>
    public void WriteOpt(ReadOnlySpan<byte> opt)
    {
        opt.CopyTo(_message[Length..]);
        Length += opt.Length;
        _counts[(int)Section.Additional]++;
    }

    /// <returns>The length of the message.</returns>
    public int Finish(DnsRcode rcode)
    {
        _message[3] = (byte)((_message[3] & ~DnsHeader.RcodeMask) | ((int)rcode & DnsHeader.RcodeMask));
        for (int i = 0; i < 3; i++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(_message[(6 + (2 * i))..], _counts[i]);
        }

        return Length;
    }

    /// <summary>Only names of the types of RFC 1035 may be compressed in RDATA (RFC 3597 §4).</summary>
    private void WriteRdata(DnsType type, ReadOnlySpan<byte> rdata)
    {
        switch (type)
        {
            case DnsType.Ns or DnsType.CName or DnsType.PtrRecord:
                WriteName(rdata);
                return;
            case DnsType.Mx:
                WriteOctets(rdata[..2]);
                WriteName(rdata[2..]);
                return;
            case DnsType.Soa:
                int first = NameLength(rdata);
                int second = NameLength(rdata[first..]);
                WriteName(rdata[..first]);
                WriteName(rdata.Slice(first, second));
                WriteOctets(rdata[(first + second)..]);
                return;
            default:
                WriteOctets(rdata);
                return;
        }
    }

    private void WriteOctets(ReadOnlySpan<byte> octets)
    {
        octets.CopyTo(_message[Length..]);
        Length += octets.Length;
    }

    /// <summary>As much of it as the message does not have yet, and a pointer to the rest.</summary>
    private void WriteName(ReadOnlySpan<byte> name)
    {
        ReadOnlySpan<byte> rest = name;
        int start = Length;
        while (rest[0] != 0)
        {
            int known = Find(rest);
            if (known > 0)
            {
                BinaryPrimitives.WriteUInt16BigEndian(_message[Length..], (ushort)(known | (WireName.PointerBits << 8)));
                Length += 2;
                RememberLabels(name[..^rest.Length], start);
                return;
            }

            WriteOctets(rest[..(1 + rest[0])]);
            rest = WireName.Parent(rest);
        }

        _message[Length++] = 0;
        RememberLabels(name[..^1], start);
    }

    private int Find(ReadOnlySpan<byte> name)
    {
        for (int i = 0; i < _knownCount; i++)
        {
            if (Stands(name, _known[i]))
            {
                return _known[i];
            }
        }

        return 0;
    }

    /// <summary>Whether the name at <paramref name="at"/> of the message, which this writer has written, is this canonical one.</summary>
    private readonly bool Stands(ReadOnlySpan<byte> name, int at)
    {
        while (true)
        {
            int length = _message[at];
            if ((length & WireName.PointerBits) == WireName.PointerBits)
            {
                at = ((length & ~WireName.PointerBits) << 8) | _message[at + 1];
                continue;
            }

            if (length != name[0])
            {
                return false;
            }

            if (length == 0)
            {
                return true;
            }

            // The question stands there as it was asked, with capital letters maybe.
            for (int i = 1; i <= length; i++)
            {
                if (WireName.ToLower(_message[at + i]) != name[i])
                {
                    return false;
                }
            }

            at += 1 + length;
            name = name[(1 + length)..];
        }
    }

    private void Remember(ReadOnlySpan<byte> name, int at) => RememberLabels(name[..^1], at);

    private void RememberLabels(ReadOnlySpan<byte> labels, int at)
    {
        for (int i = 0; i < labels.Length && _knownCount < MaxKnownNames && at + i <= MaxPointer; i += 1 + labels[i])
        {
            _known[_knownCount++] = (ushort)(at + i);
        }
    }

    private static int NameLength(ReadOnlySpan<byte> name)
    {
        int at = 0;
        while (name[at] != 0)
        {
            at += 1 + name[at];
        }

        return at + 1;
    }

    /// <summary>See <see cref="Here"/>.</summary>
    internal readonly struct Mark(int length, int known, Counts counts)
    {
        public int Length { get; } = length;

        public int Known { get; } = known;

        public Counts Counts { get; } = counts;
    }

    [InlineArray(3)]
    internal struct Counts
    {
        private ushort _first;
    }

    [InlineArray(MaxKnownNames)]
    private struct KnownNames
    {
        private ushort _first;
    }
}
