using Orleans.Runtime;

namespace Orleans;

/// <summary>What every grain class is; <see cref="Grain"/> is the usual way to be it.</summary>
public interface IGrainBase
{
    IGrainContext GrainContext { get; }

    Task OnActivateAsync(CancellationToken token) => Task.CompletedTask;

    Task OnDeactivateAsync(DeactivationReason reason, CancellationToken token) => Task.CompletedTask;
}
