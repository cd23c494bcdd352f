using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;

namespace OrleansCdn.Dns.Steering;

/// <summary>
/// Compiles the chain for all addresses: overrides, special blocks, measurements and databases are walked side by side, the chain is
/// asked once for each combination of facts, and equal halves become one. Takes seconds with large databases: off the hot path.
/// </summary>
public static class SteeringCompiler
{
    /// <summary>Distinct lists of a table. Twenty PoPs have 6,840 orders of the nearest three; explicit lists come on top.</summary>
    public const int MaxLists = 1 << 16;

    /// <exception cref="OperationCanceledException">Something newer is to be compiled.</exception>
    public static SteeringCompilation Compile(SteeringInputs inputs, CancellationToken cancellationToken = default)
    {
        Debug.Assert(!inputs.Policy.Pops.IsEmpty, "a config has a PoP");
        RttTable usable = inputs.Rtt.Usable(inputs.Now);
        var chain = new SelectionChain(inputs.Policy, usable, inputs.Loads);
        var lists = new ListPool();
        var sources = new SteeringSources(inputs, usable, chain);
        lists.Add(chain.Decide(FactsOfNobody).Order);
        var ipv4 = new FamilyWalk(sources.Ipv4, chain, lists, cancellationToken);
        var ipv6 = new FamilyWalk(sources.Ipv6, chain, lists, cancellationToken);
        int root4 = ipv4.Run();
        int root6 = ipv6.Run();
        string? error = lists.IsFull
            ? string.Create(CultureInfo.InvariantCulture, $"steering needs more than {MaxLists} different lists of PoPs: give fewer PoPs in rules and overrides")
            : ipv4.Trie.IsFull || ipv6.Trie.IsFull
                ? string.Create(CultureInfo.InvariantCulture, $"steering needs more than {BinaryTrie.MaxNodes} nodes: give fewer PoPs, or a database with less detail")
                : null;
        if (error is not null)
        {
            return new SteeringCompilation { Error = error };
        }

        ImmutableArray<SteeringList> finished = lists.WithShedding(inputs.Loads);
        return new SteeringCompilation
        {
            Table = new SteeringTable(sources, PrefixTrie.Of(ipv4.Trie, root4), PrefixTrie.Of(ipv6.Trie, root6), finished),
        };
    }

    private static ChainFacts FactsOfNobody =>
        new() { Prefix = PrefixTree.None, Place = Geo.GeoRecord.Nothing, Asn = 0, Rtt = PrefixTree.None };
}
