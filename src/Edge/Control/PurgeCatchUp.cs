namespace OrleansCdn.Edge.Control;

/// <summary>
/// Whether what an earlier process left on disk may be served: once the purges that were missed are known, or once it is
/// clear that no silo will tell (an edge serves on without one). It opens once and stays open.
/// </summary>
internal sealed class PurgeCatchUp : IDisposable
{
    /// <summary>Twice the longest pause of a silo's feed: one that has not caught an edge up by then is as good as away.</summary>
    public static readonly TimeSpan CutOffAfter = 2 * Contracts.Control.FeedProtocol.HeartbeatInterval;

    private readonly int _silos;
    private readonly ITimer _limit;
    private int _failures;
    private volatile bool _isOpen;

    /// <param name="silos">That can be asked; 0: nothing can have been missed.</param>
    public PurgeCatchUp(int silos, TimeProvider time)
    {
        _silos = silos;
        _isOpen = silos == 0;
        _limit = time.CreateTimer(_ => Open(), null, CutOffAfter, Timeout.InfiniteTimeSpan);
    }

    public bool IsOpen => _isOpen;

    /// <summary>A silo has told everything that it knows.</summary>
    public void Open() => _isOpen = true;

    /// <summary>A connection ended; when no silo of the list could be talked to, nothing is waited for any longer.</summary>
    public void Failed()
    {
        if (Interlocked.Increment(ref _failures) >= _silos)
        {
            Open();
        }
    }

    public void Dispose() => _limit.Dispose();
}
