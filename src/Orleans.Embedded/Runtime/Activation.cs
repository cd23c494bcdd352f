using Orleans.Runtime;

namespace Orleans.Embedded;

/// <summary>One activation of a grain.</summary>
internal sealed class Activation : IGrainContext
{
    public static Activation? Current => null;

    public GrainId GrainId => throw new NotSupportedException();

    public object? GrainInstance => throw new NotSupportedException();

    public IServiceProvider ActivationServices => throw new NotSupportedException();

    public IGrainFactory GrainFactory => throw new NotSupportedException();

    public Task Deactivated => throw new NotSupportedException();

    public static Activation Of(IGrainBase grain) =>
        grain.GrainContext as Activation ?? throw new InvalidOperationException("The grain was made with new, not activated by a silo.");

    public void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public void DelayDeactivation(TimeSpan timeSpan) => throw new NotSupportedException();

    public IGrainTimer RegisterTimer(Func<CancellationToken, Task> callback, GrainTimerCreationOptions options) => throw new NotSupportedException();
}
