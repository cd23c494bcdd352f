using System.Buffers.Binary;
using OrleansCdn.Dns.Wire;

namespace OrleansCdn.Dns.Edns;

/// <summary>The OPT record of one answer (RFC 6891 §6.1.2).</summary>
internal ref struct OptWriter
{
    private const int HeaderLength = 11;
    private readonly Span<byte> _opt;

    /// <param name="opt">Room for it.</param>
    /// <param name="payloadSize">Octets that this server takes over UDP.</param>
    /// <param name="dnssecOk">RFC 3225 §3: repeated from the query.</param>
    public OptWriter(Span<byte> opt, int payloadSize, bool dnssecOk)
    {
        _opt = opt;
        Length = HeaderLength;
        opt[0] = 0;
        BinaryPrimitives.WriteUInt16BigEndian(opt[1..], (ushort)DnsType.Opt);
        BinaryPrimitives.WriteUInt16BigEndian(opt[3..], (ushort)payloadSize);
        opt[5..HeaderLength].Clear();
        opt[7] = dnssecOk ? (byte)0x80 : (byte)0;
    }

    public int Length { get; private set; }

    public readonly void SetRcode(DnsRcode rcode) => _opt[5] = (byte)((int)rcode >> 4);

    public void Add(EdnsOptionCode code, ReadOnlySpan<byte> value) => value.CopyTo(Add(code, value.Length));

    /// <returns>The option's value, to be filled.</returns>
    public Span<byte> Add(EdnsOptionCode code, int length)
    {
        BinaryPrimitives.WriteUInt16BigEndian(_opt[Length..], (ushort)code);
        BinaryPrimitives.WriteUInt16BigEndian(_opt[(Length + 2)..], (ushort)length);
        Span<byte> value = _opt.Slice(Length + 4, length);
        Length += 4 + length;
        BinaryPrimitives.WriteUInt16BigEndian(_opt[9..], (ushort)(Length - HeaderLength));
        return value;
    }
}
