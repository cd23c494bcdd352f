namespace OrleansCdn.Testing;

/// <summary>One queue of what happens and when in a simulated world; nothing else moves its clock. Ties go by the order of their making.</summary>
public class Scheduler(int seed)
{
    private readonly PriorityQueue<Action, (TimeSpan At, long Order)> _queue = new();
    private long _order;

    public Random Random { get; } = new(seed);

    /// <summary>Since the beginning.</summary>
    public TimeSpan Now { get; private set; }

    /// <summary>That have happened.</summary>
    public long Events { get; private set; }

    public void After(TimeSpan delay, Action action) => _queue.Enqueue(action, (Now + delay, ++_order));

    /// <summary>Not before <paramref name="earliest"/>, for what must stay in order.</summary>
    /// <returns>When it happens.</returns>
    public TimeSpan AfterAtLeast(TimeSpan delay, TimeSpan earliest, Action action)
    {
        TimeSpan at = Now + delay < earliest ? earliest : Now + delay;
        _queue.Enqueue(action, (at, ++_order));
        return at;
    }

    /// <param name="end">What happens up to then.</param>
    /// <param name="afterEach">Called after each event.</param>
    public void RunUntil(TimeSpan end, Action? afterEach = null)
    {
        while (_queue.TryPeek(out _, out (TimeSpan At, long Order) next) && next.At <= end)
        {
            Action action = _queue.Dequeue();
            MoveTo(next.At);
            Events++;
            action();
            afterEach?.Invoke();
        }

        MoveTo(end);
    }

    public bool OneIn(int n) => Random.Next(n) == 0;

    public TimeSpan Between(double fromMs, double toMs) => TimeSpan.FromMilliseconds(fromMs + (Random.NextDouble() * (toMs - fromMs)));

    public T Pick<T>(IReadOnlyList<T> of) => of[Random.Next(of.Count)];

    /// <summary>The clock goes on.</summary>
    protected virtual void MoveTo(TimeSpan now) => Now = now;
}
