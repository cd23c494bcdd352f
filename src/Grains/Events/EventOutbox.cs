using System.Collections.Immutable;
using System.Threading.Channels;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;

namespace OrleansCdn.Grains.Events;

/// <summary>
/// Between the grains of one silo and the log. Whoever tells an event never waits for the log, nor fails because of it; what finds no
/// room is counted, and the count is an event. Thread safe.
/// </summary>
public sealed class EventOutbox(TimeProvider time)
{
    /// <summary>Every edge and session of twenty PoPs at the same time, while the log cannot be written.</summary>
    public const int Capacity = 1000;

    /// <summary>Three segments at most.</summary>
    public const int MaxBatch = 100;

    private readonly Channel<NewEvent> _waiting = Channel.CreateBounded<NewEvent>(new BoundedChannelOptions(Capacity) { SingleReader = true });
    private long _dropped;

    public void Tell(NewEvent happened)
    {
        if (!_waiting.Writer.TryWrite(happened with { When = happened.When ?? time.GetUtcNow() }))
        {
            Interlocked.Increment(ref _dropped);
        }
    }

    /// <summary>Ends when there is something to <see cref="Take"/>.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken) => await _waiting.Reader.WaitToReadAsync(cancellationToken);

    /// <summary>Oldest first; empty: there is none. Whoever takes them keeps them until they are written down.</summary>
    public ImmutableArray<NewEvent> Take()
    {
        ImmutableArray<NewEvent>.Builder batch = ImmutableArray.CreateBuilder<NewEvent>();
        while (batch.Count < MaxBatch && _waiting.Reader.TryRead(out NewEvent? happened))
        {
            batch.Add(happened);
        }

        // At the end of what had come before them.
        if (batch.Count > 0 && !_waiting.Reader.TryPeek(out _) && Interlocked.Exchange(ref _dropped, 0) is > 0 and var dropped)
        {
            batch.Add(new NewEvent
            {
                When = time.GetUtcNow(),
                Kind = EventKind.EventsDropped,
                Severity = EventSeverity.Warning,
                What = "events are missing before this one",
                Why = $"{dropped} came while {Capacity} waited to be written down",
            });
        }

        return batch.ToImmutable();
    }
}
