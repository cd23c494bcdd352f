using OrleansCdn.Dns.Server.Udp;

namespace OrleansCdn.Dns.Server.Limiting;

/// <summary>
/// How loaded a socket's thread is, from its receive queue. Full batches alone say nothing: a thread works most cheaply when
/// every call brings one. Pure; looked at only after so many full batches in a row, so that a calm server pays nothing.
/// </summary>
internal struct LoadGauge
{
    /// <summary>Full batches between two looks at the queue: one system call for 1,024 queries.</summary>
    public const int BatchesPerLook = 16;

    /// <summary>A level lasts at least as long as a resolver waits before it asks again (unbound and BIND: 0.4 to 0.8 s).</summary>
    private static readonly TimeSpan Memory = TimeSpan.FromMilliseconds(400);

    private int _fullBatches;
    private uint _drops;
    private bool _hasDrops;
    private TimeSpan _until;

    public LoadLevel Level { readonly get; private set; }

    /// <summary>Tells of a batch.</summary>
    /// <returns>Whether <see cref="Look"/> is due.</returns>
    public bool Count(bool isFull, TimeSpan now)
    {
        if (Level != LoadLevel.Normal && now >= _until)
        {
            Level = LoadLevel.Normal;
        }

        if (!isFull)
        {
            _fullBatches = 0;
            return false;
        }

        if (++_fullBatches < BatchesPerLook)
        {
            return false;
        }

        _fullBatches = 0;
        return true;
    }

    /// <returns>Datagrams that the kernel has dropped since the last look.</returns>
    public uint Look(QueueState queue, TimeSpan now)
    {
        uint dropped = _hasDrops ? unchecked(queue.Drops - _drops) : queue.Drops;
        _hasDrops = true;
        _drops = queue.Drops;
        LoadLevel seen = dropped > 0 ? LoadLevel.Overloaded : queue.Used >= queue.Size / 2 ? LoadLevel.Busy : LoadLevel.Normal;
        if (seen >= Level && seen != LoadLevel.Normal)
        {
            Level = seen;
            _until = now + Memory;
        }

        return dropped;
    }
}
