using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Orleans.Embedded;

/// <summary>What the engine logs.</summary>
internal sealed partial class SiloLog(ILogger<SiloCore> logger)
{
    [LoggerMessage(1, LogLevel.Information, "Silo started with {GrainClasses} grain classes; state in {Database}.")]
    public partial void Started(int grainClasses, string database);

    [LoggerMessage(2, LogLevel.Information, "Silo stopped; {Activations} activations did not end in time.")]
    public partial void Stopped(int activations);

    [LoggerMessage(3, LogLevel.Warning, "Grain {Grain} could not be activated.")]
    public partial void ActivationFailed(GrainId grain, Exception error);

    [LoggerMessage(4, LogLevel.Warning, "Grain {Grain} failed while it was deactivated.")]
    public partial void DeactivationFailed(GrainId grain, Exception error);

    [LoggerMessage(5, LogLevel.Warning, "A timer of grain {Grain} failed; it goes on.")]
    public partial void TimerFailed(GrainId grain, Exception error);

    [LoggerMessage(6, LogLevel.Warning, "Too many activations: {Ended} of the longest idle are ended early, of {Count}.")]
    public partial void EndedOldest(int ended, int count);

    [LoggerMessage(7, LogLevel.Error, "A transaction of {Writes} state writes failed; each is tried alone.")]
    public partial void BatchFailed(int writes, Exception error);
}
