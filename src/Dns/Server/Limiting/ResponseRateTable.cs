namespace OrleansCdn.Dns.Server.Limiting;

/// <summary>
/// Token buckets of all threads in a table of fixed size, one word each: which answers to whom (24 bits of a keyed hash), how many
/// were refused in turn (4), and when the bucket will be full (36; the generic cell rate algorithm, ITU-T I.371). A full bucket
/// says nothing that an absent one does not, so its slot is free: there is nothing to sweep. Words are replaced by compare and
/// exchange; a lost race is one answer counted less.
/// </summary>
internal sealed class ResponseRateTable
{
    /// <summary>1 MiB, shared by all threads: as many different answers to networks within the window.</summary>
    public const int Slots = 128 * 1024;

    /// <summary>One cache line is looked at.</summary>
    private const int Ways = 8;

    private const int TagBits = 24;
    private const int SlipBits = 4;
    private const int TimeBits = 36;
    private const ulong TimeMask = (1UL << TimeBits) - 1;

    /// <summary>Ten microseconds: 36 bits of them are 190 hours, and debts are at most <see cref="RateLimitSettings.MaxWindow"/>.</summary>
    private const long TicksPerUnit = 10 * TimeSpan.TicksPerMicrosecond;

    private readonly ulong[] _words = new ulong[Slots];

    /// <param name="hash">Of network, kind and name.</param>
    public RateVerdict Take(ulong hash, RateLimitSettings settings, TimeSpan now)
    {
        ulong time = (ulong)(now.Ticks / TicksPerUnit) & TimeMask;
        ulong token = Math.Max(1, (ulong)(TimeSpan.TicksPerSecond / TicksPerUnit) / (uint)settings.ResponsesPerSecond);
        ulong most = (ulong)settings.Window * (TimeSpan.TicksPerSecond / TicksPerUnit);
        ulong tag = hash >> (64 - TagBits);
        Span<ulong> set = _words.AsSpan((int)(hash % (Slots / Ways)) * Ways, Ways);

        ref ulong slot = ref Find(set, tag, time, most);
        ulong word = Volatile.Read(ref slot);
        bool isKnown = TagOf(word) == tag;
        ulong debt = isKnown ? Debt(word, time, most) : 0;
        ulong refused = isKnown ? SlipOf(word) : 0;
        RateVerdict verdict = RateVerdict.Send;
        if (debt + token > most)
        {
            refused++;
            bool slips = settings.Slip > 0 && refused >= (uint)settings.Slip;
            refused = slips ? 0 : Math.Min(refused, RateLimitSettings.MaxSlip);
            verdict = slips ? RateVerdict.Slip : RateVerdict.Drop;
        }
        else
        {
            debt += token;
        }

        _ = Interlocked.CompareExchange(ref slot, Word(tag, refused, (time + debt) & TimeMask), word);
        return verdict;
    }

    /// <summary>The tag's own slot, else a free one, else the one that would be free first.</summary>
    private static ref ulong Find(Span<ulong> set, ulong tag, ulong time, ulong most)
    {
        int best = 0;
        ulong least = ulong.MaxValue;
        for (int i = 0; i < set.Length; i++)
        {
            ulong word = Volatile.Read(ref set[i]);
            if (TagOf(word) == tag)
            {
                return ref set[i];
            }

            ulong debt = Debt(word, time, most);
            if (debt < least)
            {
                (best, least) = (i, debt);
            }
        }

        return ref set[best];
    }

    /// <summary>Units until the bucket is full. What lies further ahead than a bucket can lies in the past of a clock that has wrapped.</summary>
    private static ulong Debt(ulong word, ulong time, ulong most)
    {
        ulong ahead = ((word & TimeMask) - time) & TimeMask;
        return ahead > most ? 0 : ahead;
    }

    private static ulong TagOf(ulong word) => word >> (SlipBits + TimeBits);

    private static ulong SlipOf(ulong word) => (word >> TimeBits) & RateLimitSettings.MaxSlip;

    private static ulong Word(ulong tag, ulong refused, ulong time) => (tag << (SlipBits + TimeBits)) | (refused << TimeBits) | time;
}
