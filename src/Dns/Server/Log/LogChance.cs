namespace OrleansCdn.Dns.Server.Log;

/// <summary>Chooses the sample of one thread by xorshift32 (Marsaglia 2003): which queries are written down need not be hard to guess.</summary>
internal struct LogChance(uint seed)
{
    private uint _state = seed | 1;

    /// <summary>True once in 2^<paramref name="bits"/> times.</summary>
    public bool IsOneOf(int bits)
    {
        _state ^= _state << 13;
        _state ^= _state >> 17;
        _state ^= _state << 5;
        return (_state & ((1u << bits) - 1)) == 0;
    }
}
