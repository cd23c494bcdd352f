namespace OrleansCdn.Announcer.Health;

/// <summary>
/// Sessions speak for a process that works: the health loop beats, and each session asks on its own thread whether it has of late.
/// A process that hangs says nothing more, and its neighbours take its routes away after the hold time.
/// </summary>
internal sealed class Watchdog(TimeProvider time)
{
    private long _last = time.GetTimestamp();

    public void Beat() => Volatile.Write(ref _last, time.GetTimestamp());

    /// <param name="hold">A session's; a third of it is the time between two keepalives (RFC 4271 §4.4). 0: it has none, and needs no proof.</param>
    public bool IsAlive(TimeSpan hold) => hold == TimeSpan.Zero || time.GetElapsedTime(Volatile.Read(ref _last)) < hold / 3;
}
