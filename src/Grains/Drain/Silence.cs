using System.Collections.Immutable;
using OrleansCdn.Contracts.Cluster;

namespace OrleansCdn.Grains.Drain;

/// <summary>
/// What edges elsewhere find of an edge that no silo hears. A silo's own loss of sight proves nothing, since it may be the one that is cut off;
/// together with theirs it does. Pure.
/// </summary>
internal static class Silence
{
    /// <summary>
    /// The PoPs that find an edge silent, if they are more than half of those that can tell: whose edges are heard and have had an answer from it
    /// before. A PoP finds it silent when none of its edges gets an answer. Empty: it may serve. Who is left alone counts alone: it cannot send
    /// visitors anywhere else.
    /// </summary>
    /// <param name="others">The other PoPs, as far as they are heard.</param>
    public static ImmutableArray<string> FoundBy(string edge, IEnumerable<PopSighting> others)
    {
        int telling = 0;
        ImmutableArray<string>.Builder silent = ImmutableArray.CreateBuilder<string>();
        foreach (PopSighting other in others)
        {
            bool isSilent = other.Edges.Any(witness => witness.Reach?.Silent.Contains(edge) == true);
            bool answers = other.Edges.Any(witness => witness.Reach?.Answering.Contains(edge) == true);
            telling += isSilent || answers ? 1 : 0;
            if (isSilent && !answers)
            {
                silent.Add(other.Pop);
            }
        }

        return 2 * silent.Count > telling ? silent.ToImmutable() : [];
    }
}
