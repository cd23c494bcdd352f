namespace OrleansCdn.Testing;

/// <summary>A timer of <see cref="FakeTimeProvider"/>, whose lock guards all that changes here.</summary>
internal sealed class FakeTimer(FakeTimeProvider clock, TimerCallback callback, object? state) : ITimer
{
    public static Comparer<FakeTimer> ByDueTime { get; } = Comparer<FakeTimer>.Create(static (a, b) =>
        a.Due != b.Due ? a.Due.CompareTo(b.Due) : a.Arming.CompareTo(b.Arming));

    public TimeSpan Due { get; set; }

    public TimeSpan Period { get; set; }

    public long Arming { get; set; }

    public bool Disposed { get; set; }

    public void Fire() => callback(state);

    public bool Change(TimeSpan dueTime, TimeSpan period) => clock.Arm(this, dueTime, period);

    public void Dispose() => clock.Disarm(this);

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }
}
