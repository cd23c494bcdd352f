namespace OrleansCdn.Dns.Server;

/// <summary>Mistakes of ours that a query has met: they cost its own answer, not the thread and with it everybody else's.</summary>
internal sealed class Faults
{
    private volatile Exception? _last;

    /// <summary>Null: there was none.</summary>
    public Exception? Last
    {
        get => _last;
        set => _last = value;
    }
}
