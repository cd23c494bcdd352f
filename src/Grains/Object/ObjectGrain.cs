using Orleans;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Grains.Object;

/// <summary>Hands events and the time to <see cref="FillLease"/>, and its answers to those who wait.</summary>
internal sealed class ObjectGrain(TimeProvider time) : Grain, IObjectGrain
{
    private readonly SteadyClock _clock = new(time);
    private readonly FillLease _lease = new(Guid.NewGuid().ToString("N")[..8]);
    private readonly Dictionary<long, TaskCompletionSource<LeaseReply>> _waiting = [];
    private long _asked;

    public async Task<LeaseReply> AcquireAsync(LeaseRequest request, CancellationToken cancellationToken)
    {
        long id = ++_asked;
        var answer = new TaskCompletionSource<LeaseReply>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting.Add(id, answer);
        try
        {
            Step(new LeaseEvent.Asked(id, request));
            while (!await Waiting.ForAsync(answer.Task, UntilDeadline(), time, cancellationToken))
            {
                Step(new LeaseEvent.TimePassed());
            }

            return await answer.Task;
        }
        finally
        {
            _waiting.Remove(id);
            if (!answer.Task.IsCompletedSuccessfully)
            {
                Step(new LeaseEvent.Left(id));
            }

            LeaveIfIdle();
        }
    }

    public Task ReportAsync(LeaseReport report, CancellationToken cancellationToken)
    {
        Step(new LeaseEvent.Reported(report));
        LeaveIfIdle();
        return Task.CompletedTask;
    }

    private void Step(LeaseEvent happened)
    {
        foreach (LeaseAnswer answer in _lease.Step(happened, _clock.Now))
        {
            if (_waiting.TryGetValue(answer.Waiter, out TaskCompletionSource<LeaseReply>? waiting))
            {
                waiting.TrySetResult(answer.Reply);
            }
        }
    }

    /// <summary>Every waiter wakes at the next deadline of any of them, so that no timer outlives them.</summary>
    private TimeSpan UntilDeadline()
    {
        TimeSpan wait = (_lease.NextDeadline ?? _clock.Now) - _clock.Now;
        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }

    private void LeaveIfIdle()
    {
        if (_lease.IsIdle && _waiting.Count == 0)
        {
            DeactivateOnIdle();
        }
    }
}
