namespace Orleans.Configuration;

/// <summary>How calls are delivered.</summary>
public abstract class MessagingOptions
{
    /// <summary>After this long a call that has no answer fails with a <see cref="TimeoutException"/>. Default 30 s, as in Orleans.</summary>
    public TimeSpan ResponseTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Cancel the callee's token when a call times out. Default false, as in Orleans.</summary>
    public bool CancelRequestOnTimeout { get; set; }

    /// <summary>A cancelled call completes when the callee has ended (true) or at once (false, the default, as in Orleans).</summary>
    public bool WaitForCancellationAcknowledgement { get; set; }
}
