namespace OrleansCdn.Grains;

/// <summary>The time of day at its creation, and from then on monotonic: a clock that is set does not age leases or connections.</summary>
internal sealed class SteadyClock(TimeProvider time)
{
    private readonly DateTimeOffset _start = time.GetUtcNow();
    private readonly long _startTimestamp = time.GetTimestamp();

    public DateTimeOffset Now => _start + time.GetElapsedTime(_startTimestamp);
}
