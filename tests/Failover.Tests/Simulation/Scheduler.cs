namespace OrleansCdn.Failover.Tests.Simulation;

/// <summary>One queue of what happens and when; nothing else moves the clock. Ties go by the order of their making.</summary>
internal sealed class Scheduler(int seed)
{
    private readonly PriorityQueue<Action, (TimeSpan At, long Order)> _queue = new();
    private long _order;

    public Random Random { get; } = new(seed);

    public TimeSpan Now { get; private set; }

    public long Events { get; private set; }

    public void After(TimeSpan delay, Action action) => _queue.Enqueue(action, (Now + delay, ++_order));

    public void RunUntil(TimeSpan end, Action afterEach)
    {
        while (_queue.TryPeek(out _, out (TimeSpan At, long Order) next) && next.At <= end)
        {
            Action action = _queue.Dequeue();
            Now = next.At;
            Events++;
            action();
            afterEach();
        }

        Now = end;
    }

    public bool OneIn(int n) => Random.Next(n) == 0;

    public TimeSpan Between(double fromMs, double toMs) => TimeSpan.FromMilliseconds(fromMs + (Random.NextDouble() * (toMs - fromMs)));

    public T Pick<T>(IReadOnlyList<T> of) => of[Random.Next(of.Count)];
}
