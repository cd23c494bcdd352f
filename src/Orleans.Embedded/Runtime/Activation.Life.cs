using Microsoft.Extensions.DependencyInjection;
using Orleans.Core;
using Orleans.Runtime;

namespace Orleans.Embedded;

/// <content>How an activation begins and ends.</content>
internal sealed partial class Activation
{
    private readonly List<IStorage> _states = [];
    private readonly HashSet<GrainTimer> _timers = [];
    private readonly TaskCompletionSource _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private AsyncServiceScope? _scope;
    private object? _instance;
    private DeactivationReason? _reason;
    private TimeSpan _keptFor;
    private long _keptSince;

    public object? GrainInstance => _instance;

    public IServiceProvider ActivationServices => _scope?.ServiceProvider ?? _silo.Services;

    public Task Deactivated => _gone.Task;

    public void Add(IStorage state) => _states.Add(state);

    public void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            _reason ??= deactivationReason;
            if (_phase == Phase.Active)
                BeginDraining_NeedsLock();
            else if (_phase == Phase.New)
                BeginActivation_NeedsLock();
        }
    }

    public void DelayDeactivation(TimeSpan timeSpan)
    {
        lock (_gate)
        {
            _keptFor = timeSpan == Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue : timeSpan;
            _keptSince = _silo.Time.GetTimestamp();
        }
    }

    /// <summary>Null: in use, or exempt from idle deactivation.</summary>
    public TimeSpan? IdleFor(long now)
    {
        lock (_gate)
            return IdleFor_NeedsLock(now);
    }

    /// <returns>True if the activation has begun to end.</returns>
    public bool EndIfIdle(long now, TimeSpan age)
    {
        lock (_gate)
        {
            if (IdleFor_NeedsLock(now) is not { } idle || idle < age)
                return false;
            _reason = new(DeactivationReasonCode.ActivationIdle, $"Unused for {idle}.");
            BeginDraining_NeedsLock();
            return true;
        }
    }

    /// <summary>Cancels the tokens of what runs.</summary>
    public void InterruptRunning() => Post(() =>
    {
        Work[] running;
        lock (_gate)
            running = [.. _running];
        foreach (Work work in running)
            work.Interrupt();
    });

    public GrainTimer RegisterTimer(Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        GrainTimer timer = new(this, callback, options);
        lock (_gate)
        {
            if (_phase is Phase.Deactivating or Phase.Gone)
                throw new InvalidOperationException($"Grain {GrainId} is ending: it cannot start a timer.");
            _timers.Add(timer);
        }

        timer.Change(options.DueTime, options.Period);
        return timer;
    }

    public void Forget(GrainTimer timer)
    {
        lock (_gate)
            _timers.Remove(timer);
    }

    private TimeSpan? IdleFor_NeedsLock(long now)
    {
        bool used = _phase != Phase.Active || _running.Count + _waiting.Count > 0;
        bool kept = Class.KeepsAlive || (_keptFor > TimeSpan.Zero && _silo.Time.GetElapsedTime(_keptSince, now) < _keptFor);
        return used || kept ? null : _silo.Time.GetElapsedTime(_lastUsed, now);
    }

    private void BeginActivation_NeedsLock()
    {
        _phase = Phase.Activating;
        BeginStep_NeedsLock(nameof(IGrainBase.OnActivateAsync), ActivateAsync);
    }

    private void BeginDraining_NeedsLock()
    {
        _phase = Phase.Draining;
        if (_running.Count == 0)
            BeginDeactivation_NeedsLock();
    }

    private void BeginDeactivation_NeedsLock()
    {
        _phase = Phase.Deactivating;
        BeginStep_NeedsLock(nameof(IGrainBase.OnDeactivateAsync), DeactivateAsync);
    }

    private void BeginStep_NeedsLock(string name, Func<Task> step)
    {
        _blocking = new LifecycleStep(this, name, step);
        Schedule(static state => _ = ((Activation)state!).Blocking!.RunAsync((Activation)state), this);
    }

    private async Task ActivateAsync()
    {
        try
        {
            _scope = _silo.Services.CreateAsyncScope();
            _instance = Class.Factory.Value(this);
            using TurnLimit limit = new(this, _silo.Collection.ActivationTimeout);
            foreach (IStorage state in _states)
                await state.ReadStateAsync(limit.Token);
            await ((IGrainBase)_instance).OnActivateAsync(limit.Token);
        }
        catch (Exception e)
        {
            _silo.Log.ActivationFailed(GrainId, e);
            await EndAsync(waiting => Refuse(waiting, e));
            return;
        }

        lock (_gate)
        {
            _phase = Phase.Active;
            _blocking = null;
            _lastUsed = _silo.Time.GetTimestamp();
            StartAllThatMay_NeedsLock();
            // The first that waited has begun before the end that was asked for meanwhile, so that calls make progress
            // also with a grain that asks to end whenever it is activated.
            if (_reason is not null)
                BeginDraining_NeedsLock();
        }
    }

    private async Task DeactivateAsync()
    {
        StopTimers();
        try
        {
            using TurnLimit limit = new(this, _silo.Collection.DeactivationTimeout);
            await ((IGrainBase)_instance!).OnDeactivateAsync(_reason!.Value, limit.Token)
                .WaitAsync(_silo.Collection.DeactivationTimeout, _silo.Time, CancellationToken.None);
        }
        catch (Exception e)
        {
            _silo.Log.DeactivationFailed(GrainId, e);
        }

        await EndAsync(_silo.Directory.DispatchAll);
    }

    private async Task EndAsync(Action<Work[]> passOn)
    {
        Work[] waiting;
        lock (_gate)
        {
            _phase = Phase.Gone;
            _blocking = null;
            waiting = [.. _waiting];
            _waiting.Clear();
        }

        StopTimers();
        _silo.Directory.Remove(this);
        passOn(waiting);
        await DisposeInstanceAsync();
        _gone.SetResult();
    }

    private async Task DisposeInstanceAsync()
    {
        try
        {
            if (_instance is IAsyncDisposable asynchronous)
                await asynchronous.DisposeAsync();
            else if (_instance is IDisposable disposable)
                disposable.Dispose();
            if (_scope is { } scope)
                await scope.DisposeAsync();
        }
        catch (Exception e)
        {
            _silo.Log.DeactivationFailed(GrainId, e);
        }
    }

    private void StopTimers()
    {
        GrainTimer[] timers;
        lock (_gate)
            timers = [.. _timers];
        foreach (GrainTimer timer in timers)
            timer.Dispose();
    }

    private static void Refuse(Work[] waiting, Exception why)
    {
        foreach (Work work in waiting)
            work.Refuse(why);
    }
}
