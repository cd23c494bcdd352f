using System.Collections.Immutable;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Grains.Drain;

/// <summary>The decision in force: the row of the eligibility grain. Immutable.</summary>
internal sealed record EligibilityRow
{
    public const int CurrentFormat = 1;

    /// <summary>
    /// How far above the seconds of the clock an edge's word may carry the epoch: more than a database of a century counts to, and less than
    /// would use the numbers up.
    /// </summary>
    private const long MaxLead = 1L << 32;

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

    /// <summary>
    /// The row that says what was decided; this one when it does already. Epochs only go up: also above what edges have from a database that
    /// was lost, whose last numbers nobody knows. So the first one of a database is the second of its making, which is above all that a
    /// database before it can have counted to at less than a change a second.
    /// </summary>
    /// <param name="decided">For every PoP of the config.</param>
    /// <param name="observed">The highest epoch that an edge is known to have.</param>
    /// <param name="now">Time of day.</param>
    /// <param name="drained">Edges that visitors are to leave.</param>
    public EligibilityRow With(ImmutableArray<PopEligibility> decided, long observed, DateTimeOffset now, ImmutableArray<string> drained = default)
    {
        drained = drained.IsDefault ? [] : drained;
        long seconds = now.ToUnixTimeSeconds();
        long least = observed > 0 && observed <= seconds + MaxLead ? observed : 0;
        if (Epoch > 0 && Epoch >= least && decided.AsSpan().SequenceEqual(Pops.AsSpan())
            && drained.AsSpan().SequenceEqual(DrainedEdges.AsSpan()))
        {
            return this;
        }

        return this with { Epoch = Math.Max(Epoch == 0 ? seconds : Epoch + 1, least + 1), Pops = decided, DrainedEdges = drained };
    }
}
