using Orleans.Runtime;

namespace Orleans.Embedded.Tests;

public interface ITimedGrain : IGrainWithStringKey
{
    Task TickAsync(TimeSpan due, TimeSpan period, bool interleave, bool keepAlive);

    Task TickBadlyAsync(TimeSpan period);

    Task TickAndHoldAsync(TimeSpan period, string gate);

    Task ChangeAsync(TimeSpan due, TimeSpan period);

    Task StopAsync();

    Task HoldAsync(string gate);

    Task EndAsync();
}

public sealed class TimedGrain(Witness witness) : Grain, ITimedGrain
{
    private IGrainTimer? _timer;

    public Task TickAsync(TimeSpan due, TimeSpan period, bool interleave, bool keepAlive)
    {
        _timer = this.RegisterGrainTimer(
            static (state, _) =>
            {
                state.Note("tick");
                return Task.CompletedTask;
            },
            witness,
            new GrainTimerCreationOptions { DueTime = due, Period = period, Interleave = interleave, KeepAlive = keepAlive });
        return Task.CompletedTask;
    }

    public Task TickBadlyAsync(TimeSpan period)
    {
        _timer = this.RegisterGrainTimer(
            () =>
            {
                witness.Note("bad tick");
                throw new InvalidOperationException("a tick that fails");
            },
            period,
            period);
        return Task.CompletedTask;
    }

    public Task TickAndHoldAsync(TimeSpan period, string gate)
    {
        _timer = this.RegisterGrainTimer(
            async cancellation =>
            {
                witness.Note("tick begins");
                await witness.Gate(gate).WaitAsync(cancellation);
                witness.Note("tick ends");
            },
            period,
            period);
        return Task.CompletedTask;
    }

    public Task ChangeAsync(TimeSpan due, TimeSpan period)
    {
        _timer!.Change(due, period);
        return Task.CompletedTask;
    }

    public Task StopAsync()
    {
        _timer!.Dispose();
        return Task.CompletedTask;
    }

    public async Task HoldAsync(string gate)
    {
        witness.Note($"holding {gate}");
        await witness.Gate(gate);
    }

    public Task EndAsync()
    {
        this.DeactivateOnIdle();
        return Task.CompletedTask;
    }
}
