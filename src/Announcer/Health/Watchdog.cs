namespace OrleansCdn.Announcer.Health;

/// <summary>Sign of life of one loop.</summary>
internal sealed class Pulse(TimeProvider time)
{
    private long _last = time.GetTimestamp();

    public void Beat() => Volatile.Write(ref _last, time.GetTimestamp());

    public TimeSpan Age => time.GetElapsedTime(Volatile.Read(ref _last));
}

/// <summary>
/// Sessions speak for a process that works: the loops that look and decide beat, and each session asks on its own thread whether all of them have
/// of late. A process that hangs, in part or as a whole, says nothing more, and its neighbours take its routes away after the hold time.
/// </summary>
internal sealed class Watchdog(params Pulse[] pulses)
{
    /// <param name="hold">A session's; a third of it is the time between two keepalives (RFC 4271 §4.4). 0: it has none, and needs no proof.</param>
    public bool IsAlive(TimeSpan hold) => hold == TimeSpan.Zero || pulses.All(pulse => pulse.Age < hold / 3);
}
