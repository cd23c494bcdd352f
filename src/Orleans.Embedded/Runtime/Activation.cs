using Orleans.Runtime;

namespace Orleans.Embedded;

/// <summary>
/// One activation of a grain: its queue and its turns here, its life in the other part. Work runs alone, but for work
/// that interleaves; all of it runs on <see cref="ActivationScheduler"/>, so never on two threads.
/// </summary>
internal sealed partial class Activation : IGrainContext
{
    /// <summary>
    /// Most work that one activation holds, running and queued, unless SiloMessagingOptions.MaxEnqueuedRequestsHardLimit
    /// says otherwise. At 10 µs a call this is a tenth of a second of work; a queue that long has a stuck grain behind it.
    /// </summary>
    public const int DefaultMaxHeldCalls = 10_000;

    private readonly SiloCore _silo;
    private readonly GrainTarget _target;
    private readonly ActivationScheduler _scheduler;
    private readonly Lock _gate = new();
    private readonly Queue<Work> _waiting = new();
    private readonly List<Work> _running = [];
    private Work? _blocking;
    private Phase _phase;
    private long _lastUsed;

    public Activation(SiloCore silo, GrainTarget target)
    {
        _silo = silo;
        _target = target;
        _scheduler = new ActivationScheduler(this);
        _lastUsed = silo.Time.GetTimestamp();
    }

    private enum Phase
    {
        /// <summary>In the directory, but no work has come yet.</summary>
        New,

        /// <summary>The instance is being made, its state read, OnActivateAsync runs. Work waits.</summary>
        Activating,

        /// <summary>Work runs.</summary>
        Active,

        /// <summary>Deactivation is asked for; running work ends, new work waits.</summary>
        Draining,

        /// <summary>OnDeactivateAsync runs. Work waits.</summary>
        Deactivating,

        /// <summary>What waited has gone to the next activation.</summary>
        Gone,
    }

    /// <summary>The activation in whose turn the present code runs; null outside grains.</summary>
    public static Activation? Current => (TaskScheduler.Current as ActivationScheduler)?.Activation;

    public GrainId GrainId => _target.Id;

    public GrainClass Class => _target.Class;

    public IGrainFactory GrainFactory => _silo.Client;

    public SiloCore Silo => _silo;

    /// <summary>The work behind which new work queues.</summary>
    public Work? Blocking => Volatile.Read(ref _blocking);

    /// <exception cref="InvalidOperationException">The instance was made with <c>new</c>.</exception>
    public static Activation Of(IGrainBase grain) =>
        grain.GrainContext as Activation
        ?? throw new InvalidOperationException($"{grain.GetType().FullName} was made with new, not activated by a silo: it has no context.");

    /// <returns>False: this activation is gone, the next one is to be asked.</returns>
    public bool TryReceive(Work work)
    {
        bool full = false;
        lock (_gate)
        {
            if (_phase == Phase.Gone)
                return false;
            (work as GrainCall)?.IsHeldBy(this);
            if (_running.Count + _waiting.Count >= _silo.MaxHeldCalls)
                full = true;
            else if (_phase == Phase.Active && MayStart_NeedsLock(work))
                Start_NeedsLock(work);
            else
                _waiting.Enqueue(work);
            if (_phase == Phase.New)
                BeginActivation_NeedsLock();
        }

        if (full)
        {
            work.Refuse(new LimitExceededException(
                $"Grain {GrainId} holds {_silo.MaxHeldCalls} calls that have not ended; {work.Description} was shed. Call again later, and look for what blocks the grain: {Blocking?.Description ?? "interleaving calls"}."));
        }

        return true;
    }

    /// <summary>Runs a short action as a turn of its own.</summary>
    public void Post(Action action) => Schedule(static state => ((Action)state!)(), action);

    private bool MayStart_NeedsLock(Work work) => _blocking is null || work.Interleaves || Class.IsReentrant;

    private void Start_NeedsLock(Work work)
    {
        _running.Add(work);
        if (_blocking is null && !work.Interleaves && !Class.IsReentrant)
            _blocking = work;
        Schedule(static state =>
        {
            (Activation self, Work work) = ((Activation, Work))state!;
            _ = self.RunToEndAsync(work);
        }, (this, work));
    }

    private async Task RunToEndAsync(Work work)
    {
        await work.RunAsync(this);
        lock (_gate)
        {
            _running.Remove(work);
            if (_blocking == work)
                _blocking = null;
            if (work.CountsAsUse)
                _lastUsed = _silo.Time.GetTimestamp();
            if (_phase == Phase.Active)
                StartWaiting_NeedsLock();
            else if (_phase == Phase.Draining && _running.Count == 0)
                BeginDeactivation_NeedsLock();
        }
    }

    /// <summary>In the order of arrival. While nothing blocks, anything may start.</summary>
    private void StartWaiting_NeedsLock()
    {
        while (_blocking is null && _waiting.TryDequeue(out Work? work))
        {
            if (work.StillWanted)
                Start_NeedsLock(work);
        }
    }

    /// <summary>After activation the queue also holds work that interleaves, perhaps behind work that blocks.</summary>
    private void StartAllThatMay_NeedsLock()
    {
        for (int i = _waiting.Count; i > 0; i--)
        {
            Work work = _waiting.Dequeue();
            if (!MayStart_NeedsLock(work))
                _waiting.Enqueue(work);
            else if (work.StillWanted)
                Start_NeedsLock(work);
        }
    }

    /// <summary>The flow of async-locals ends here, as it would between processes: a turn begins with none of its caller's.</summary>
    private void Schedule(Action<object?> turn, object state)
    {
        using (AsyncFlow.Suppress())
            _ = Task.Factory.StartNew(turn, state, CancellationToken.None, TaskCreationOptions.DenyChildAttach, _scheduler);
    }
}
