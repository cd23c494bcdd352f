namespace OrleansCdn.Dns.Server.Limiting;

/// <summary>
/// Which networks send more than their share while a thread is overloaded: a count-min sketch of what was taken in the last
/// moment. A collision lends a network somebody else's count, never hides its own; two rows under different hashes make that rare.
/// Of one thread.
/// </summary>
internal sealed class NetworkShares(KeyedHash hash)
{
    /// <summary>4 KiB in all: it stays in the first cache.</summary>
    private const int Columns = 1024;

    /// <summary>An eighth of all queries. Large resolvers are spread over many networks; what floods is not.</summary>
    private const int ShareDivisor = 8;

    /// <summary>Fewer than these, and one busy resolver among few would be over its share.</summary>
    private const int MinSample = 512;

    /// <summary>Queries after which all counts are halved: what was sent a moment ago counts for less.</summary>
    private const int Window = 8192;

    private readonly ushort[] _first = new ushort[Columns];
    private readonly ushort[] _second = new ushort[Columns];
    private int _total;

    /// <summary>Counts one query.</summary>
    /// <returns>Whether its network is over its share.</returns>
    public bool IsOver(UInt128 network)
    {
        ulong hashed = hash.Of(network, 0);
        ref ushort first = ref _first[(int)(hashed % Columns)];
        ref ushort second = ref _second[(int)((hashed >> 32) % Columns)];
        int count = Math.Min(++first, ++second);
        if (++_total == Window)
        {
            Halve();
        }

        return _total >= MinSample && count > _total / ShareDivisor;
    }

    private void Halve()
    {
        _total /= 2;
        for (int i = 0; i < Columns; i++)
        {
            _first[i] /= 2;
            _second[i] /= 2;
        }
    }
}
