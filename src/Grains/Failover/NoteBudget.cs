using OrleansCdn.Contracts.Failover;

namespace OrleansCdn.Grains.Failover;

/// <summary>How much of one announcer's notes is written down: one that says more than it can decide must not push out what others tell. Pure: it is handed the time.</summary>
internal sealed class NoteBudget
{
    /// <summary>As many as an announcer keeps while no silo is there, once in so long: a machine that goes back and forth makes a handful in a minute.</summary>
    public static readonly TimeSpan Span = TimeSpan.FromMinutes(1);

    private DateTimeOffset _until;
    private int _taken;
    private int _leftOut;

    /// <param name="notes">That came.</param>
    /// <param name="now">The present.</param>
    /// <returns>How many of them are written down, and how many of the span before were not.</returns>
    public (int Taken, int LeftOutBefore) Take(int notes, DateTimeOffset now)
    {
        int before = 0;
        if (now >= _until)
        {
            (before, _leftOut, _taken, _until) = (_leftOut, 0, 0, now + Span);
        }

        int taken = Math.Min(notes, FailoverLimits.MaxNotes - _taken);
        _taken += taken;
        _leftOut += notes - taken;
        return (taken, before);
    }
}
