using OrleansCdn.Testing;

namespace OrleansCdn.Simulation.Tests;

/// <summary>One queue of what happens and when; nothing else moves the clock. Ties go by the order of their making.</summary>
internal sealed class Scheduler(int seed)
{
    private readonly PriorityQueue<Action, (TimeSpan At, long Order)> _queue = new();
    private long _order;

    public Random Random { get; } = new(seed);

    public FakeTimeProvider Time { get; } = new();

    /// <summary>Since the beginning.</summary>
    public TimeSpan Now { get; private set; }

    public void After(TimeSpan delay, Action action) => _queue.Enqueue(action, (Now + delay, ++_order));

    /// <summary>Not before <paramref name="earliest"/>, for what must stay in order.</summary>
    /// <returns>When it happens.</returns>
    public TimeSpan AfterAtLeast(TimeSpan delay, TimeSpan earliest, Action action)
    {
        TimeSpan at = Now + delay < earliest ? earliest : Now + delay;
        _queue.Enqueue(action, (at, ++_order));
        return at;
    }

    public void RunUntil(TimeSpan end)
    {
        while (_queue.TryPeek(out _, out (TimeSpan At, long Order) next) && next.At <= end)
        {
            Action action = _queue.Dequeue();
            Time.Advance(next.At - Now);
            Now = next.At;
            action();
        }

        Time.Advance(end - Now);
        Now = end;
    }

    public bool OneIn(int n) => Random.Next(n) == 0;

    public TimeSpan Between(double fromMs, double toMs) => TimeSpan.FromMilliseconds(fromMs + (Random.NextDouble() * (toMs - fromMs)));

    public T Pick<T>(IReadOnlyList<T> of) => of[Random.Next(of.Count)];
}
