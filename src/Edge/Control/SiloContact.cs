namespace OrleansCdn.Edge.Control;

/// <summary>
/// When this edge last knew of every purge: a silo that had just compared itself with the log had nothing more to tell. Read by every
/// request of a site that wants to know; written by the feed.
/// </summary>
internal sealed class SiloContact
{
    /// <summary>Without silos nothing is purged, and so nothing missed.</summary>
    public static readonly SiloContact NotNeeded = new(double.PositiveInfinity);

    private double _last;

    private SiloContact(double last) => _last = last;

    /// <summary>
    /// Of a process that begins: how long the one before it was without contact is not known, so that an edge is cut off from its start on,
    /// until it has been told all that it missed.
    /// </summary>
    public SiloContact()
        : this(double.NegativeInfinity)
    {
    }

    /// <summary>Monotonic seconds; infinite: never, or always.</summary>
    public double Last => Volatile.Read(ref _last);

    /// <summary>Every purge up to then is known. It does not go back: an older word from another silo takes nothing away.</summary>
    public void Knew(double at)
    {
        if (at > _last)
        {
            Volatile.Write(ref _last, at);
        }
    }

    /// <param name="after">Seconds; infinite: never.</param>
    public bool IsCutOff(double after, double now) => now - Last > after;

    /// <summary>How long nothing is known; null: since the start.</summary>
    public TimeSpan? Silence(double now) =>
        double.IsNegativeInfinity(Last) ? null : double.IsPositiveInfinity(Last) ? TimeSpan.Zero : TimeSpan.FromSeconds(Math.Max(0, now - Last));
}
