using Orleans.Runtime;

namespace Orleans.Embedded;

/// <summary>The state file cannot be opened, read or written. The message says which, why, and how to mend it.</summary>
internal sealed class StateFileException : OrleansException
{
    public StateFileException(string message)
        : base(message)
    {
    }

    public StateFileException(string message, Exception cause)
        : base(message, cause)
    {
    }
}
