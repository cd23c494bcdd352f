using System.Buffers.Binary;
using System.Security.Cryptography;

namespace OrleansCdn.Edge.Dns.Visits;

internal enum VisitVerdict
{
    Found,

    /// <summary>Known, and older than <see cref="VisitTable.MaxAge"/>.</summary>
    TooOld,

    /// <summary>Never issued here, or long overwritten.</summary>
    Unknown,
}

/// <param name="Age">Since the answer was given.</param>
internal readonly record struct Visit(VisitFacts Facts, TimeSpan Age);

/// <summary>
/// What was answered under which random id: a ring that a flood of queries turns faster, and cannot make larger. DNS threads issue ids one
/// after the other; requests of visitors look them up without a lock.
/// </summary>
/// <remarks>
/// The index is open addressing without removal: a cell names an id and its place in the ring, and is free as soon as that place
/// holds another id. So nothing has to be taken out when the ring overwrites. A place is read between two looks at its version, which is odd
/// while it is written: a reader that meets a writer finds that what it looked for is going.
/// </remarks>
internal sealed class VisitTable
{
    /// <summary>Answers remembered: some 70 a second over all of <see cref="MaxAge"/>, in 12 MiB (190 bytes each).</summary>
    public const int Capacity = 1 << 16;

    /// <summary>An answer is used for its TTL (a minute), and a page that stays open asks for it a while later.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(15);

    /// <summary>Ids begin above what people number servers with: <c>2001:db8::10</c> is nobody's visit.</summary>
    public const uint MinId = 1 << 16;

    /// <summary>A quarter full at most, so that a window without a free cell is next to impossible.</summary>
    private const int Cells = 4 * Capacity;

    /// <summary>Cells that an id can be in.</summary>
    private const int Window = 16;

    /// <summary>Ids fetched from the generator at a time: a call for each would be most of the work.</summary>
    private const int RandomBatch = 256;

    private readonly TimeProvider _time;
    private readonly Place[] _ring = new Place[Capacity];

    /// <summary>Id in the upper half, place + 1 in the lower; 0: never used.</summary>
    private readonly ulong[] _index = new ulong[Cells];

    private readonly byte[] _random = new byte[RandomBatch * sizeof(uint)];
    private readonly Lock _issuing = new();
    private readonly Action<Span<byte>> _fill;
    private int _randomLeft;
    private int _next;
    private long _issued;

    private struct Place
    {
        /// <summary>Odd: being written.</summary>
        public int Version;

        /// <summary>0: empty.</summary>
        public uint Id;

        public long Timestamp;

        public VisitFacts Facts;
    }

    public VisitTable(TimeProvider time)
        : this(time, RandomNumberGenerator.Fill)
    {
    }

    /// <param name="fill">Fills a span with random octets; for tests.</param>
    internal VisitTable(TimeProvider time, Action<Span<byte>> fill) => (_time, _fill) = (time, fill);

    /// <summary>Since the start.</summary>
    public long Issued => Volatile.Read(ref _issued);

    /// <summary>Remembers an answer, in the place of the oldest one. For the low 32 bits of its address.</summary>
    /// <returns>A random id of at least <see cref="MinId"/> that no other remembered answer has.</returns>
    public uint Issue(in VisitFacts facts)
    {
        lock (_issuing)
        {
            int at = _next;
            _next = (at + 1) % Capacity;
            ref Place place = ref _ring[at];
            Volatile.Write(ref place.Version, place.Version + 1);
            Volatile.WriteBarrier();
            place.Id = 0; // its own cell is free from here on
            uint id = NewId(at);
            (place.Id, place.Timestamp, place.Facts) = (id, _time.GetTimestamp(), facts);
            Volatile.Write(ref place.Version, place.Version + 1);
            Volatile.Write(ref _issued, _issued + 1);
            return id;
        }
    }

    public VisitVerdict Find(uint id, out Visit visit)
    {
        visit = default;
        int start = Home(id);
        for (int i = 0; i < Window; i++)
        {
            ulong cell = Volatile.Read(ref _index[(start + i) % Cells]);
            if (cell != 0 && (uint)(cell >> 32) == id && TryRead((int)(uint)cell - 1, id, out VisitFacts facts, out long timestamp))
            {
                TimeSpan age = _time.GetElapsedTime(timestamp);
                if (age > MaxAge)
                {
                    return VisitVerdict.TooOld;
                }

                visit = new Visit(facts, age);
                return VisitVerdict.Found;
            }
        }

        return VisitVerdict.Unknown;
    }

    private bool TryRead(int at, uint id, out VisitFacts facts, out long timestamp)
    {
        ref Place place = ref _ring[at];
        int before = Volatile.Read(ref place.Version);
        uint found = place.Id;
        (facts, timestamp) = (place.Facts, place.Timestamp);
        Volatile.ReadBarrier();
        return (before & 1) == 0 && found == id && Volatile.Read(ref place.Version) == before;
    }

    /// <summary>An id that is not in use, entered into the index for a place of the ring. Under the lock.</summary>
    private uint NewId(int at)
    {
        while (true)
        {
            uint id = NextRandom();
            if (id >= MinId && FreeCell(id) is { } cell)
            {
                Volatile.Write(ref _index[cell], ((ulong)id << 32) | (uint)(at + 1));
                return id;
            }
        }
    }

    /// <summary>Null: the id is in use, or its window is full.</summary>
    private int? FreeCell(uint id)
    {
        int? free = null;
        int start = Home(id);
        for (int i = 0; i < Window; i++)
        {
            int at = (start + i) % Cells;
            ulong cell = _index[at];
            bool isLive = cell != 0 && _ring[(int)(uint)cell - 1].Id == (uint)(cell >> 32);
            if (isLive && (uint)(cell >> 32) == id)
            {
                return null;
            }

            free ??= isLive ? null : at;
        }

        return free;
    }

    private uint NextRandom()
    {
        if (_randomLeft == 0)
        {
            _fill(_random);
            _randomLeft = RandomBatch;
        }

        _randomLeft--;
        return BinaryPrimitives.ReadUInt32LittleEndian(_random.AsSpan(_randomLeft * sizeof(uint)));
    }

    /// <summary>Ids are random, so their low bits are as good as a hash.</summary>
    private static int Home(uint id) => (int)(id % Cells);
}
