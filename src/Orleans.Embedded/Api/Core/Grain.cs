using System.Diagnostics.CodeAnalysis;
using Orleans.Embedded;
using Orleans.Runtime;

namespace Orleans;

/// <summary>Base class of grains. An instance made by a test with <c>new</c> has no context: what needs one throws.</summary>
[SuppressMessage("Naming", "CA1725:Parameter names should match base declaration", Justification = "The signatures are those of Orleans.")]
public abstract class Grain : IGrainBase, IAddressable
{
    protected Grain()
    {
        GrainContext = Activation.Current;
    }

    [AllowNull]
    public IGrainContext GrainContext { get; }

    public string IdentityString => RequiredActivation.GrainId.ToString();

    protected internal IServiceProvider ServiceProvider => RequiredActivation.ActivationServices;

    protected IGrainFactory GrainFactory => RequiredActivation.GrainFactory;

    private Activation RequiredActivation => Activation.Of(this);

    /// <summary>Runs before the first call. If it throws, the callers get its error and the next call tries anew.</summary>
    public virtual Task OnActivateAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Runs after the last call. It does not run when the process dies.</summary>
    public virtual Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Ends this activation after the running calls; the next call makes a new one.</summary>
    protected void DeactivateOnIdle() => GrainBaseExtensions.DeactivateOnIdle(this);

    /// <summary>Keeps an idle activation for at least this long; zero ends that, <see cref="Timeout.InfiniteTimeSpan"/> keeps it for ever.</summary>
    protected void DelayDeactivation(TimeSpan timeSpan) => RequiredActivation.DelayDeactivation(timeSpan);
}
