using System.Collections.Immutable;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Grains.Drain;

/// <summary>The decision in force: the row of the eligibility grain. Immutable.</summary>
internal sealed record EligibilityRow
{
    public const int CurrentFormat = 1;

    /// <summary>Version of this record's stored form.</summary>
    public int Format { get; init; } = CurrentFormat;

    /// <summary>0: nothing was decided yet.</summary>
    public long Epoch { get; init; }

    /// <summary>In the order of the config.</summary>
    public ImmutableArray<PopEligibility> Pops { get; init; } = [];

    /// <summary>Names of edges that visitors are to leave.</summary>
    public ImmutableArray<string> DrainedEdges { get => field.IsDefault ? [] : field; init; }

    public PopEligibility? Find(string pop) => Pops.FirstOrDefault(known => known.Pop == pop);

    public Eligibility View() => new() { Epoch = Epoch, Pops = Pops, DrainedEdges = DrainedEdges };

    /// <summary>In words that edges of older software know, too.</summary>
    public Eligibility ForEdges() => View() with
    {
        Pops = [.. Pops.Select(pop => pop.State == EligibilityState.Withdrawn ? pop with { State = EligibilityState.Gone } : pop)],
    };

    /// <summary>
    /// The row that says what was decided; this one when it does already. Epochs only go up (<see cref="RisingNumber"/>), also above what edges
    /// have from a database that was lost.
    /// </summary>
    /// <param name="decided">For every PoP of the config.</param>
    /// <param name="observed">The highest epoch that an edge is known to have.</param>
    /// <param name="now">Time of day.</param>
    /// <param name="drained">Edges that visitors are to leave.</param>
    public EligibilityRow With(ImmutableArray<PopEligibility> decided, long observed, DateTimeOffset now, ImmutableArray<string> drained = default)
    {
        drained = drained.IsDefault ? [] : drained;
        if (Epoch > 0 && Epoch >= RisingNumber.Least(observed, now) && decided.AsSpan().SequenceEqual(Pops.AsSpan())
            && drained.AsSpan().SequenceEqual(DrainedEdges.AsSpan()))
        {
            return this;
        }

        return this with { Epoch = RisingNumber.Next(Epoch, observed, now), Pops = decided, DrainedEdges = drained };
    }
}
