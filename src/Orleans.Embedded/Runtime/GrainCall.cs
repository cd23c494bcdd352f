using System.Diagnostics.CodeAnalysis;
using Orleans.Storage;

namespace Orleans.Embedded;

/// <summary>
/// One call from its making to its answer. Who finishes it first wins: the callee, the response timeout, the caller's
/// cancellation, or a refusal.
/// </summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "A token source without a timer holds nothing to dispose of.")]
internal sealed class GrainCall : Work
{
    private readonly SiloCore _silo;
    private readonly Lock _gate = new();
    private readonly object?[] _arguments;
    private readonly Answer _answer;
    private readonly CancellationToken _callerToken;
    private readonly CancellationTokenSource? _calleeToken;
    private CancellationTokenRegistration _onCallerCancelled;
    private ITimer? _timeout;
    private long _sentAt;
    private Work? _caller;
    private Activation? _runsIn;
    private Activation? _heldBy;
    private bool _done;

    /// <param name="arguments">Copies that nobody else holds; the token's place, if the method has one, is filled here.</param>
    public GrainCall(SiloCore silo, GrainTarget target, GrainMethod method, object?[] arguments, CancellationToken callerToken)
    {
        _silo = silo;
        Target = target;
        Method = method;
        _arguments = arguments;
        _callerToken = callerToken;
        _answer = method.Shape.NewAnswer();
        if (method.TokenIndex >= 0)
        {
            _calleeToken = new CancellationTokenSource();
            arguments[method.TokenIndex] = _calleeToken.Token;
        }
    }

    public GrainTarget Target { get; }

    public GrainMethod Method { get; }

    /// <summary>What the proxy returns to the caller.</summary>
    public object Returned => _answer.Returned;

    public Work? Caller => Volatile.Read(ref _caller);

    /// <summary>The activation in whose queue the call is or was last.</summary>
    public Activation? HeldBy => Volatile.Read(ref _heldBy);

    public bool HasBegun => Volatile.Read(ref _runsIn) is not null;

    public override string Description => $"{Target.Id}.{Method.Name}";

    public override bool Interleaves => Method.AlwaysInterleaves;

    public override bool StillWanted => !Volatile.Read(ref _done);

    public void Send(Work? caller)
    {
        if (_callerToken.IsCancellationRequested)
        {
            TryFinish(static (call, _) => call._answer.Cancel(call._callerToken), null);
            return;
        }

        if (caller is not null)
        {
            _caller = caller;
            caller.BeginsToWaitFor(this);
        }

        _sentAt = _silo.Time.GetTimestamp();
        if (_silo.ResponseTimeout != Timeout.InfiniteTimeSpan)
            _timeout = _silo.NewTimer(static call => ((GrainCall)call!).OnTimeout(), this, _silo.ResponseTimeout);
        if (_calleeToken is not null && _callerToken.CanBeCanceled)
            _onCallerCancelled = _callerToken.UnsafeRegister(static call => ((GrainCall)call!).OnCallerCancelled(), this);
        _silo.Directory.Dispatch(this);
    }

    public void IsHeldBy(Activation activation) => Volatile.Write(ref _heldBy, activation);

    public override async Task RunAsync(Activation activation)
    {
        if (!TryBegin(activation))
            return;
        Enter();
        try
        {
            object? result = await Method.InvokeAsync(activation.GrainInstance!, _arguments);
            object? copy = Method.CopyResult(_silo.Payloads, result);
            TryFinish(static (call, value) => call._answer.Succeed(value), copy);
        }
        catch (OperationCanceledException e) when (_callerToken.IsCancellationRequested && e.CancellationToken == _calleeToken?.Token)
        {
            TryFinish(static (call, _) => call._answer.Cancel(call._callerToken), null);
        }
        catch (Exception e)
        {
            EndActivationWithStaleState(activation, e);
            TryFinish(static (call, error) => call._answer.Fail((Exception)error!), e);
        }
    }

    public override void Refuse(Exception why) => TryFinish(static (call, error) => call._answer.Fail((Exception)error!), why);

    public override void Interrupt() => _calleeToken?.Cancel();

    private static void EndActivationWithStaleState(Activation activation, Exception error)
    {
        if (error is not InconsistentStateException { IsSourceActivation: true } conflict)
            return;
        conflict.IsSourceActivation = false;
        activation.Deactivate(new DeactivationReason(DeactivationReasonCode.ApplicationError, conflict, conflict.Message));
    }

    private bool TryBegin(Activation activation)
    {
        // Its caller is about to be told so, or has been: of calls whose time is over at the same moment, the timers fire one by one.
        if (_silo.ResponseTimeout != Timeout.InfiniteTimeSpan && _silo.Time.GetElapsedTime(_sentAt) >= _silo.ResponseTimeout)
        {
            OnTimeout();
            return false;
        }

        lock (_gate)
        {
            if (_done)
                return false;
            _runsIn = activation;
            return true;
        }
    }

    private void OnTimeout()
    {
        TimeoutException error = new(WaitChain.DescribeTimeout(this, _silo.ResponseTimeout));
        if (!TryFinish(static (call, e) => call._answer.Fail((Exception)e!), error))
            return;
        if (_silo.Messaging.CancelRequestOnTimeout)
            CancelCallee();
    }

    private void OnCallerCancelled()
    {
        if (!_silo.Messaging.WaitForCancellationAcknowledgement || !HasBegun)
            TryFinish(static (call, _) => call._answer.Cancel(call._callerToken), null);
        CancelCallee();
    }

    /// <summary>In a turn of the callee, for what the callee has registered on its token is the callee's code.</summary>
    private void CancelCallee()
    {
        Activation? runsIn;
        lock (_gate)
            runsIn = _runsIn;
        runsIn?.Post(Interrupt);
    }

    private bool TryFinish(Action<GrainCall, object?> answer, object? state)
    {
        lock (_gate)
        {
            if (_done)
                return false;
            _done = true;
        }

        _timeout?.Dispose();
        _onCallerCancelled.Unregister();
        // Links to the caller must not outlive the wait, or calls that make calls would chain up without end.
        Interlocked.Exchange(ref _caller, null)?.EndsToWaitFor(this);
        answer(this, state);
        return true;
    }
}
