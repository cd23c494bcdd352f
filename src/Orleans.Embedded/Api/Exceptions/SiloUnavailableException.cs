namespace Orleans.Runtime;

/// <summary>The silo has not started yet, or is stopping.</summary>
public sealed class SiloUnavailableException : OrleansMessageRejectionException
{
    public SiloUnavailableException()
        : base("The silo is not available.")
    {
    }

    public SiloUnavailableException(string message)
        : base(message)
    {
    }
}
