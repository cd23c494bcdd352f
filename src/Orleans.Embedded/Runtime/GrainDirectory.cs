using System.Collections.Concurrent;
using Orleans.Runtime;

namespace Orleans.Embedded;

/// <summary>Which activation each grain has. One at most, however many callers race: the one that entered here.</summary>
internal sealed class GrainDirectory(SiloCore silo)
{
    private readonly ConcurrentDictionary<GrainId, Activation> _activations = new();
    private int _count;

    public int Count => Volatile.Read(ref _count);

    public IEnumerable<Activation> Activations => _activations.Select(entry => entry.Value);

    /// <summary>Brings a call to the grain's activation, and makes one if there is none.</summary>
    public void Dispatch(GrainCall call)
    {
        while (true)
        {
            if (silo.WhyClosed is { } closed)
            {
                call.Refuse(new SiloUnavailableException($"{call.Description} was not called: {closed}"));
                return;
            }

            if (FindOrAdd(call.Target) is not { } activation)
            {
                call.Refuse(new LimitExceededException(
                    $"{call.Description} was not called: the silo holds {Count} activations, its most ({EmbeddedSettings.MaxActivationsKey}). Idle ones are being ended; call again later."));
                return;
            }

            if (activation.TryReceive(call))
                return;
            Remove(activation);
        }
    }

    public void DispatchAll(Work[] waiting)
    {
        foreach (Work work in waiting)
        {
            if (work is GrainCall { StillWanted: true } call)
                Dispatch(call);
        }
    }

    public void Remove(Activation activation)
    {
        if (_activations.TryRemove(KeyValuePair.Create(activation.GrainId, activation)))
            Interlocked.Decrement(ref _count);
    }

    private Activation? FindOrAdd(GrainTarget target)
    {
        if (_activations.TryGetValue(target.Id, out Activation? found))
            return found;
        if (Count >= silo.Settings.MaxActivations)
        {
            silo.Collector.EndOldest();
            return null;
        }

        Activation added = new(silo, target);
        found = _activations.GetOrAdd(target.Id, added);
        if (found == added && Interlocked.Increment(ref _count) >= silo.Settings.CrowdedAt)
            silo.Collector.EndOldest();
        return found;
    }
}
