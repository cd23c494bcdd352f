using System.Globalization;

namespace OrleansCdn.Contracts.Routing;

/// <summary>A community with holes for AS numbers, as providers publish them.</summary>
public static class CommunityTemplate
{
    public const string Carrier = "{asn}";
    public const string Neighbor = "{neighbor}";

    /// <returns>False when a number does not fit: half of a standard community, or the AS number of a route target, has 2 octets.</returns>
    public static bool TryExpand(string template, uint carrier, uint neighbor, out Community community) => Community.TryParse(
        template
            .Replace(Carrier, carrier.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace(Neighbor, neighbor.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal),
        out community);

    /// <returns>The first alternative that the numbers fit into; null: none does.</returns>
    public static Community? First(IEnumerable<string> alternatives, uint carrier, uint neighbor)
    {
        foreach (string template in alternatives)
        {
            if (TryExpand(template, carrier, neighbor, out Community community))
            {
                return community;
            }
        }

        return null;
    }
}
