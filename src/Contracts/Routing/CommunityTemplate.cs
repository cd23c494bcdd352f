using System.Collections.Immutable;
using System.Globalization;

namespace OrleansCdn.Contracts.Routing;

/// <summary>A community with holes for AS numbers, as providers publish them; or several that say one thing together, with + between them.</summary>
public static class CommunityTemplate
{
    public const string Carrier = "{asn}";
    public const string Neighbor = "{neighbor}";

    public const char And = '+';

    /// <summary>Communities that say one thing together: providers publish pairs ("not to anybody", "but to these").</summary>
    public const int MaxTogether = 4;

    /// <param name="template">As it stands in a catalogue.</param>
    /// <param name="carrier">AS number of the carrier.</param>
    /// <param name="neighbor">AS number of the upstream.</param>
    /// <param name="communities">In the order of the template.</param>
    /// <returns>False when a number does not fit: half of a standard community, or the AS number of a route target, has 2 octets.</returns>
    public static bool TryExpand(string template, uint carrier, uint neighbor, out ImmutableArray<Community> communities)
    {
        var together = ImmutableArray.CreateBuilder<Community>();
        foreach (string part in template.Split(And))
        {
            if (together.Count == MaxTogether || !TryExpandOne(part.Trim(), carrier, neighbor, out Community community))
            {
                communities = [];
                return false;
            }

            together.Add(community);
        }

        communities = together.ToImmutable();
        return true;
    }

    /// <returns>What the first alternative says that the numbers fit into; empty: none does.</returns>
    public static ImmutableArray<Community> First(IEnumerable<string> alternatives, uint carrier, uint neighbor)
    {
        foreach (string template in alternatives)
        {
            if (TryExpand(template, carrier, neighbor, out ImmutableArray<Community> communities))
            {
                return communities;
            }
        }

        return [];
    }

    private static bool TryExpandOne(string template, uint carrier, uint neighbor, out Community community) => Community.TryParse(
        template
            .Replace(Carrier, carrier.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace(Neighbor, neighbor.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal),
        out community);
}
