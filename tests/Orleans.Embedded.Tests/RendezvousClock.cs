namespace Orleans.Embedded.Tests;

/// <summary>Holds the first threads that take a timestamp, as every new activation does, until all of them are there.</summary>
internal sealed class RendezvousClock(int participants) : TimeProvider, IDisposable
{
    private static readonly TimeSpan StuckAfter = TimeSpan.FromSeconds(30);

    private readonly Barrier _meeting = new(participants);
    private int _toMeet;

    public bool HaveMet => _meeting.CurrentPhaseNumber == 1;

    public void Arm() => Volatile.Write(ref _toMeet, participants);

    public override long GetTimestamp()
    {
        if (Interlocked.Decrement(ref _toMeet) >= 0)
            _meeting.SignalAndWait(StuckAfter);
        return base.GetTimestamp();
    }

    public void Dispose() => _meeting.Dispose();
}
