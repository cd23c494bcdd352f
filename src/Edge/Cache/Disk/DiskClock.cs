namespace OrleansCdn.Edge.Cache.Disk;

/// <summary>
/// Ages across restarts need the wall clock, which may be wrong. An era is a stretch in which it was never seen to go back:
/// what was received in an earlier era has an unknown age and is confirmed by the origin before it is used. A clock that
/// went forward only makes things older.
/// </summary>
/// <param name="Era">Counts the steps back.</param>
/// <param name="HighestWall">Latest wall clock that was seen in this era, Unix milliseconds.</param>
/// <param name="Monotonic">Seconds, when it was looked at last.</param>
/// <param name="Wall">Unix milliseconds, when it was looked at last.</param>
internal sealed record DiskClock(int Era, long HighestWall, double Monotonic, long Wall)
{
    /// <summary>What time daemons correct without anyone noticing; an age is wrong by that much at most.</summary>
    private const long ToleranceMs = 1000;

    /// <summary>At the start of a process, after the last of an earlier one.</summary>
    public static DiskClock Begin(int era, long highestWall, double monotonic, long wall) =>
        wall + ToleranceMs < highestWall ? new DiskClock(era + 1, wall, monotonic, wall) : new DiskClock(era, Math.Max(wall, highestWall), monotonic, wall);

    /// <summary>Looks again: the wall clock should have moved as far as the monotonic one.</summary>
    public DiskClock Look(double monotonic, long wall)
    {
        long expected = Wall + (long)((monotonic - Monotonic) * 1000);
        return wall + ToleranceMs < expected || wall + ToleranceMs < HighestWall
            ? new DiskClock(Era + 1, wall, monotonic, wall)
            : new DiskClock(Era, Math.Max(HighestWall, wall), monotonic, wall);
    }

    /// <summary>Seconds since a response was received in an earlier process; null: it cannot be told.</summary>
    public double? Elapsed(int era, long receivedWall, double monotonic)
    {
        double now = Wall + ((monotonic - Monotonic) * 1000);
        return era != Era || now + ToleranceMs < receivedWall ? null : Math.Max(0, (now - receivedWall) / 1000);
    }
}
