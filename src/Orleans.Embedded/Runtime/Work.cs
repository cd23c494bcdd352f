namespace Orleans.Embedded;

/// <summary>Something an activation runs: a call, a timer tick, or a step of its own life.</summary>
internal abstract class Work
{
    private static readonly AsyncLocal<Work?> Running = new();
    private GrainCall? _waitsFor;

    /// <summary>The work in whose turns the present code runs; null outside grains.</summary>
    public static Work? Current => Running.Value;

    /// <summary>For messages: the grain and what runs in it.</summary>
    public abstract string Description { get; }

    /// <summary>Runs between the turns of other work, and never waits for it.</summary>
    public abstract bool Interleaves { get; }

    /// <summary>Puts off idle deactivation.</summary>
    public virtual bool CountsAsUse => true;

    /// <summary>False once nobody waits for it any more: it need not begin.</summary>
    public virtual bool StillWanted => true;

    /// <summary>The latest call that this work has made and not yet got an answer to.</summary>
    public GrainCall? WaitsFor => Volatile.Read(ref _waitsFor);

    /// <summary>Runs on the activation's scheduler. Never fails: what goes wrong goes to whoever waits.</summary>
    public abstract Task RunAsync(Activation activation);

    /// <summary>Ends the work without running it.</summary>
    public abstract void Refuse(Exception why);

    /// <summary>Cancels the token that the running work was given. Called on the activation's scheduler.</summary>
    public abstract void Interrupt();

    public void BeginsToWaitFor(GrainCall call) => Volatile.Write(ref _waitsFor, call);

    public void EndsToWaitFor(GrainCall call) => Interlocked.CompareExchange(ref _waitsFor, null, call);

    /// <summary>Makes this the current work of the calling async method and of what it calls.</summary>
    protected void Enter() => Running.Value = this;
}
