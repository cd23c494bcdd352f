namespace Orleans.Embedded;

/// <summary>OnActivateAsync or OnDeactivateAsync, so that calls it makes and calls that wait for it can be named in messages.</summary>
internal sealed class LifecycleStep(Activation activation, string name, Func<Task> step) : Work
{
    public override string Description => $"{activation.GrainId}.{name}";

    public override bool Interleaves => false;

    public override async Task RunAsync(Activation activation)
    {
        Enter();
        await step();
    }

    public override void Refuse(Exception why)
    {
    }

    public override void Interrupt()
    {
    }
}
