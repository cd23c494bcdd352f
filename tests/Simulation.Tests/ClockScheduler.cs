using OrleansCdn.Testing;

namespace OrleansCdn.Simulation.Tests;

/// <summary>A scheduler by which also what is handed a clock lives.</summary>
internal sealed class ClockScheduler(int seed) : Scheduler(seed)
{
    public FakeTimeProvider Time { get; } = new();

    protected override void MoveTo(TimeSpan now)
    {
        Time.Advance(now - Now);
        base.MoveTo(now);
    }
}
