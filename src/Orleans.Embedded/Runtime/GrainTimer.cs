using Orleans.Runtime;

namespace Orleans.Embedded;

/// <summary>A grain timer, and the work that its tick is: at most one tick of a timer is queued or runs.</summary>
internal sealed class GrainTimer : Work, IGrainTimer
{
    private readonly Activation _activation;
    private readonly Func<CancellationToken, Task> _callback;
    private readonly GrainTimerCreationOptions _options;
    private readonly CancellationTokenSource _stopped = new();
    private readonly Lock _gate = new();
    private readonly ITimer _timer;
    private TimeSpan _nextDue = Timeout.InfiniteTimeSpan;
    private TimeSpan _period = Timeout.InfiniteTimeSpan;
    private bool _ticking;
    private bool _changedInTick;

    public GrainTimer(Activation activation, Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        _activation = activation;
        _callback = callback;
        _options = options;
        _timer = activation.Silo.NewTimer(static timer => ((GrainTimer)timer!).OnDue(), this, Timeout.InfiniteTimeSpan);
    }

    public override string Description => $"{_activation.GrainId}.timer";

    public override bool Interleaves => _options.Interleave;

    public override bool CountsAsUse => _options.KeepAlive;

    public override bool StillWanted => !_stopped.IsCancellationRequested;

    public void Change(TimeSpan dueTime, TimeSpan period)
    {
        ThrowIfOutOfRange(dueTime, nameof(dueTime));
        ThrowIfOutOfRange(period, nameof(period));
        lock (_gate)
        {
            _period = period;
            _nextDue = dueTime;
            _changedInTick = _ticking;
            if (!_ticking)
                _timer.Change(dueTime, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose()
    {
        _timer.Dispose();
        _activation.Forget(this);
        _stopped.Cancel();
    }

    public override async Task RunAsync(Activation activation)
    {
        Enter();
        try
        {
            if (StillWanted)
                await _callback(_stopped.Token);
        }
        catch (OperationCanceledException) when (_stopped.IsCancellationRequested)
        {
            // The timer was stopped while it ticked.
        }
        catch (Exception e)
        {
            activation.Silo.Log.TimerFailed(activation.GrainId, e);
        }

        EndTick();
    }

    /// <summary>The activation is full or gone: this tick is left out.</summary>
    public override void Refuse(Exception why)
    {
        _activation.Silo.Log.TimerFailed(_activation.GrainId, why);
        EndTick();
    }

    public override void Interrupt() => _stopped.Cancel();

    private static void ThrowIfOutOfRange(TimeSpan value, string name)
    {
        if (value < TimeSpan.Zero && value != Timeout.InfiniteTimeSpan)
            throw new ArgumentOutOfRangeException(name, value, "A grain timer takes a time of zero or more, or Timeout.InfiniteTimeSpan.");
    }

    private void OnDue()
    {
        lock (_gate)
        {
            if (_ticking)
                return;
            _ticking = true;
            _changedInTick = false;
        }

        if (!_activation.TryReceive(this))
            Dispose();
    }

    private void EndTick()
    {
        lock (_gate)
        {
            _ticking = false;
            _timer.Change(_changedInTick ? _nextDue : _period, Timeout.InfiniteTimeSpan);
        }
    }
}
