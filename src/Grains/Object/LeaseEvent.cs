using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Grains.Object;

/// <summary>What can happen to a fill lease.</summary>
internal abstract record LeaseEvent
{
    /// <param name="Waiter">Unique; names the asker in the answers.</param>
    public sealed record Asked(long Waiter, LeaseRequest Request) : LeaseEvent;

    public sealed record Reported(LeaseReport Report) : LeaseEvent;

    /// <summary>An asker has gone without its answer.</summary>
    public sealed record Left(long Waiter) : LeaseEvent;

    public sealed record TimePassed : LeaseEvent;
}

internal readonly record struct LeaseAnswer(long Waiter, LeaseReply Reply);
