using Orleans.Runtime;

namespace Orleans.Storage;

/// <summary>
/// A write or clear met another version of the record than the one it had read. A grain that lets it escape from a call is
/// deactivated, so that its next activation reads the record anew, as under Orleans.
/// </summary>
public class InconsistentStateException : OrleansException
{
    public InconsistentStateException()
    {
    }

    public InconsistentStateException(string message)
        : base(message)
    {
    }

    public InconsistentStateException(string message, Exception? innerException)
        : base(message, innerException!)
    {
    }

    public InconsistentStateException(string errorMsg, string? storedEtag, string? currentEtag)
        : this(errorMsg, storedEtag, currentEtag, null)
    {
    }

    public InconsistentStateException(string errorMsg, string? storedEtag, string? currentEtag, Exception? storageException)
        : base(errorMsg, storageException!)
    {
        StoredEtag = storedEtag;
        CurrentEtag = currentEtag;
    }

    /// <summary>True until it has ended the activation that it came from, so that it ends none of those it passes through.</summary>
    internal bool IsSourceActivation { get; set; } = true;

    /// <summary>The version that is stored; null: none.</summary>
    public string? StoredEtag { get; }

    /// <summary>The version that the writer expected; null: none.</summary>
    public string? CurrentEtag { get; }
}
