using Orleans.Configuration;

namespace Orleans.Embedded;

/// <summary>Ends activations that are idle: all that are old enough at each quantum, and the oldest at once when there are too many.</summary>
internal sealed class IdleCollector(SiloCore silo) : IThreadPoolWorkItem, IDisposable
{
    private ITimer? _timer;
    private int _endingOldest;

    public void Start()
    {
        TimeSpan quantum = silo.Collection.CollectionQuantum;
        _timer = silo.Time.CreateTimer(static self => ((IdleCollector)self!).EndIdle(), this, quantum, quantum);
    }

    /// <summary>Begins to bring the count down to half of what is crowded, least recently used first. One such run at a time.</summary>
    public void EndOldest()
    {
        if (Interlocked.Exchange(ref _endingOldest, 1) == 0)
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute()
    {
        long now = silo.Time.GetTimestamp();
        int surplus = silo.Directory.Count - (silo.Settings.CrowdedAt / 2);
        IEnumerable<Activation> oldest = silo.Directory.Activations
            .Select(a => (Activation: a, Idle: a.IdleFor(now)))
            .Where(a => a.Idle is not null)
            .OrderByDescending(a => a.Idle)
            .Take(Math.Max(surplus, 0))
            .Select(a => a.Activation);
        int ended = oldest.Count(a => a.EndIfIdle(now, TimeSpan.Zero));
        silo.Log.EndedOldest(ended, silo.Directory.Count);
        Volatile.Write(ref _endingOldest, 0);
    }

    public void Dispose() => _timer?.Dispose();

    private void EndIdle()
    {
        long now = silo.Time.GetTimestamp();
        foreach (Activation activation in silo.Directory.Activations)
            activation.EndIfIdle(now, AgeOf(activation.Class));
    }

    private TimeSpan AgeOf(GrainClass grainClass)
    {
        GrainCollectionOptions options = silo.Collection;
        return options.ClassSpecificCollectionAge.TryGetValue(grainClass.Type.FullName!, out TimeSpan age) ? age : options.CollectionAge;
    }
}
