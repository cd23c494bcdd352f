namespace Orleans.Configuration;

/// <inheritdoc cref="MessagingOptions"/>
public class SiloMessagingOptions : MessagingOptions
{
    /// <summary>
    /// Most calls that one activation holds, queued and running; one more fails with <see cref="Runtime.LimitExceededException"/>.
    /// Zero, the default: the engine's own bound, <c>Activation.DefaultMaxHeldCalls</c> (under Orleans zero is no bound).
    /// </summary>
    public int MaxEnqueuedRequestsHardLimit { get; set; }
}
