using System.Collections.Immutable;
using System.Net;

namespace OrleansCdn.Routing.Roa;

/// <summary>What networks that validate origins would drop.</summary>
public static class RoaCheck
{
    /// <summary>ROAs that a message names: enough to see what is wrong.</summary>
    private const int MaxNamed = 5;

    /// <summary>One message for each prefix whose announcement would be invalid; prefixes without any ROA pass.</summary>
    /// <param name="table">What the holders of addresses allow.</param>
    /// <param name="asn">The origin.</param>
    /// <param name="prefixes">What is to be announced.</param>
    public static ImmutableArray<string> Of(RoaTable table, uint asn, IEnumerable<IPNetwork> prefixes)
    {
        var messages = ImmutableArray.CreateBuilder<string>();
        foreach (IPNetwork prefix in prefixes)
        {
            (OriginValidity validity, ImmutableArray<RoaEntry> covering) = table.Validate(prefix, asn);
            if (validity == OriginValidity.Invalid)
            {
                string more = covering.Length > MaxNamed ? $" and {covering.Length - MaxNamed} more" : "";
                messages.Add(
                    $"{prefix} from AS{asn} would be RPKI-invalid, and much of the Internet would drop it: ROAs allow only {string.Join(", ", covering.TakeLast(MaxNamed))}{more}; "
                    + "have the holder of the addresses publish one that allows it");
            }
        }

        return messages.ToImmutable();
    }
}
