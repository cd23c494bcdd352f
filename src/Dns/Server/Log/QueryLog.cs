using System.Collections.Immutable;
using System.Net;
using OrleansCdn.Dns.Answering;
using OrleansCdn.Dns.Wire;

namespace OrleansCdn.Dns.Server.Log;

/// <summary>
/// One of 2^n queries, chosen by chance, in a ring of fixed size that an operator reads. Clients are written down as networks
/// only. What is not in the sample costs one comparison.
/// </summary>
public sealed class QueryLog(TimeProvider time)
{
    /// <summary>Some 300 KiB.</summary>
    public const int Capacity = 1024;

    /// <summary>All queries at 2^0; at 2^20 a busy server writes a line every few seconds.</summary>
    public const int MaxSampleBits = 20;

    private const int ClientBitsIpv4 = 24;
    private const int ClientBitsIpv6 = 48;

    private readonly Lock _gate = new();
    private readonly Slot[] _slots = new Slot[Capacity];
    private readonly byte[] _names = new byte[Capacity * WireName.MaxLength];
    private long _written;
    private volatile int _sampleBits = -1;

    /// <summary>n of 2^n; -1: nothing is written.</summary>
    public int SampleBits
    {
        get => _sampleBits;
        set
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, MaxSampleBits);
            _sampleBits = value;
        }
    }

    /// <summary>Whether a query is one of the sample.</summary>
    internal bool IsChosen(ref LogChance chance) => _sampleBits is >= 0 and int bits && chance.IsOneOf(bits);

    /// <param name="responder">Has just answered it, or has found that it cannot be answered.</param>
    /// <param name="sent">Octets.</param>
    internal void Write(Responder responder, in QuerySource source, int sent, QueryOutcome outcome)
    {
        DateTimeOffset now = time.GetUtcNow();
        ReadOnlySpan<byte> name = responder.LastName;
        lock (_gate)
        {
            int index = (int)(_written++ % Capacity);
            name.CopyTo(_names.AsSpan(index * WireName.MaxLength));
            _slots[index] = new Slot
            {
                Time = now,
                Network = source.Address & (UInt128.MaxValue << (source.IsIpv4 ? 32 - ClientBitsIpv4 : 128 - ClientBitsIpv6)),
                IsIpv4 = source.IsIpv4,
                IsTcp = source.IsTcp,
                Type = (ushort)responder.Last.Type,
                NameLength = (byte)name.Length,
                Rcode = (byte)responder.Last.Rcode,
                AnswerLength = (ushort)sent,
                Outcome = outcome,
            };
        }
    }

    /// <summary>The oldest first.</summary>
    /// <param name="after">Number of the last entry that is known; 0: none.</param>
    /// <param name="limit">How many at most.</param>
    public ImmutableArray<QueryLogEntry> Read(long after, int limit)
    {
        lock (_gate)
        {
            long first = Math.Max(Math.Max(after, 0), _written - Capacity);
            int count = (int)Math.Min(Math.Max(0, _written - first), Math.Max(0, limit));
            var entries = ImmutableArray.CreateBuilder<QueryLogEntry>(count);
            for (long number = first; number < first + count; number++)
            {
                entries.Add(Entry_NeedsLock(number));
            }

            return entries.MoveToImmutable();
        }
    }

    private QueryLogEntry Entry_NeedsLock(long number)
    {
        int index = (int)(number % Capacity);
        ref readonly Slot slot = ref _slots[index];
        return new QueryLogEntry
        {
            Number = number + 1,
            Time = slot.Time,
            Client = new IPNetwork(MappedAddress.ToAddress(slot.Network), slot.IsIpv4 ? ClientBitsIpv4 : ClientBitsIpv6),
            IsTcp = slot.IsTcp,
            Name = NameText.Of(_names.AsSpan(index * WireName.MaxLength, slot.NameLength)),
            Type = slot.Type,
            Rcode = slot.Rcode,
            AnswerLength = slot.AnswerLength,
            Outcome = slot.Outcome,
        };
    }

    private struct Slot
    {
        public DateTimeOffset Time;
        public UInt128 Network;
        public bool IsIpv4;
        public bool IsTcp;
        public ushort Type;
        public byte NameLength;
        public byte Rcode;
        public ushort AnswerLength;
        public QueryOutcome Outcome;
    }
}
