namespace OrleansCdn.Testing;

/// <summary>
/// A clock that stands still until a test moves it. Timers fire inside <see cref="Advance"/>, on the caller's thread,
/// in the order of their due times (ties: in the order in which they were armed), each with the clock at its due time.
/// A timer armed with a due time of zero fires at the next <see cref="Advance"/>, also one by <see cref="TimeSpan.Zero"/>.
/// </summary>
public sealed class FakeTimeProvider(DateTimeOffset start) : TimeProvider
{
    /// <summary>A day of a timer that fires ten times a second; more is a callback that never stops arming itself.</summary>
    private const int MaxFiringsPerAdvance = 24 * 60 * 60 * 10;

    private readonly Lock _gate = new();
    private readonly SortedSet<FakeTimer> _armed = new(FakeTimer.ByDueTime);
    private readonly List<(int Count, TaskCompletionSource Reached)> _watchers = [];
    private TimeSpan _elapsed;
    private TimeSpan _wallClockStep;
    private long _armings;

    /// <summary>Starts at 2026-01-01 00:00 UTC.</summary>
    public FakeTimeProvider()
        : this(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero))
    {
    }

    /// <summary>Number of timers that will fire if the clock goes on for long enough.</summary>
    public int ArmedTimers
    {
        get
        {
            lock (_gate)
                return _armed.Count;
        }
    }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override long GetTimestamp()
    {
        lock (_gate)
            return _elapsed.Ticks;
    }

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
            return start + _elapsed + _wallClockStep;
    }

    /// <summary>Moves the wall clock alone, as a clock correction does: timers and timestamps do not notice.</summary>
    public void StepWallClock(TimeSpan step)
    {
        lock (_gate)
            _wallClockStep += step;
    }

    /// <summary>Moves the clock forward and fires what becomes due, also timers that are armed by callbacks on the way.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="by"/> is negative.</exception>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        TimeSpan until;
        lock (_gate)
            until = _elapsed + by;

        for (int fired = 0; NextDue(until) is { } timer; fired++)
        {
            if (fired == MaxFiringsPerAdvance)
                throw new InvalidOperationException($"{fired} timers fired in one Advance: does a callback arm itself again and again with no delay?");
            timer.Fire();
        }

        lock (_gate)
            _elapsed = until > _elapsed ? until : _elapsed;
    }

    /// <summary>Completes when at least <paramref name="count"/> timers are armed: code under test that waits has then begun to wait.</summary>
    public Task UntilArmedAsync(int count)
    {
        lock (_gate)
        {
            if (_armed.Count >= count)
                return Task.CompletedTask;
            TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _watchers.Add((count, reached));
            return reached.Task;
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        FakeTimer timer = new(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    internal bool Arm(FakeTimer timer, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime < TimeSpan.Zero && dueTime != Timeout.InfiniteTimeSpan)
            throw new ArgumentOutOfRangeException(nameof(dueTime));
        if (period < TimeSpan.Zero && period != Timeout.InfiniteTimeSpan)
            throw new ArgumentOutOfRangeException(nameof(period));
        lock (_gate)
        {
            if (timer.Disposed)
                return false;
            _armed.Remove(timer);
            timer.Period = period;
            if (dueTime != Timeout.InfiniteTimeSpan)
                Schedule_NeedsLock(timer, _elapsed + dueTime);
            return true;
        }
    }

    internal void Disarm(FakeTimer timer)
    {
        lock (_gate)
        {
            timer.Disposed = true;
            _armed.Remove(timer);
        }
    }

    private FakeTimer? NextDue(TimeSpan until)
    {
        lock (_gate)
        {
            if (_armed.Min is not { } timer || timer.Due > until)
                return null;
            _armed.Remove(timer);
            _elapsed = timer.Due > _elapsed ? timer.Due : _elapsed;
            if (timer.Period > TimeSpan.Zero)
                Schedule_NeedsLock(timer, timer.Due + timer.Period);
            return timer;
        }
    }

    private void Schedule_NeedsLock(FakeTimer timer, TimeSpan due)
    {
        timer.Due = due;
        timer.Arming = ++_armings;
        _armed.Add(timer);
        for (int i = _watchers.Count - 1; i >= 0; i--)
        {
            if (_armed.Count < _watchers[i].Count)
                continue;
            _watchers[i].Reached.SetResult();
            _watchers.RemoveAt(i);
        }
    }
}
