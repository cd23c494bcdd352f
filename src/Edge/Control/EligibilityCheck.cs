using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Edge.Control;

/// <summary>What a usable eligibility is, whether it comes from a silo or from this edge's disk.</summary>
internal static class EligibilityCheck
{
    /// <returns>What is wrong; null: nothing.</returns>
    public static string? Refuse(Eligibility eligibility)
    {
        if (eligibility.Epoch is < 1 or > Eligibility.MaxEpoch)
        {
            return $"an eligibility of epoch {eligibility.Epoch}: it is 1 to {Eligibility.MaxEpoch}";
        }

        if (eligibility.Pops.Length > Eligibility.MaxPops)
        {
            return $"an eligibility of {eligibility.Pops.Length} PoPs: at most {Eligibility.MaxPops} are taken";
        }

        if (eligibility.DrainedEdges.Length > Eligibility.MaxDrainedEdges
            || eligibility.DrainedEdges.Any(edge => edge is null || edge.Length is 0 or > FeedSession.MaxEpochChars))
        {
            return $"an eligibility with drained edges that are none, or more than {Eligibility.MaxDrainedEdges}";
        }

        foreach (PopEligibility? pop in eligibility.Pops)
        {
            if (pop is null || pop.Pop.Length is 0 or > FeedSession.MaxEpochChars || !Enum.IsDefined(pop.State)
                || pop.Detail is { Length: > PopEligibility.MaxDetailLength })
            {
                return "an eligibility with an entry that is not one";
            }
        }

        return null;
    }
}
