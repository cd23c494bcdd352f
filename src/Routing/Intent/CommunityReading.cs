using System.Collections.Immutable;
using System.Globalization;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Routing.Intent;

/// <summary>What a provider does with a route towards one carrier.</summary>
/// <param name="Withdraw">It does not pass it on; wins over <paramref name="Prepend"/>.</param>
/// <param name="Prepend">How much longer the path is made.</param>
public readonly record struct CarrierAction(bool Withdraw, int Prepend)
{
    public override string ToString() => Withdraw ? "withdraw" : string.Create(CultureInfo.InvariantCulture, $"prepend {Prepend}");
}

/// <summary>A provider's catalogue read the other way round than <see cref="ProviderSpeech"/> speaks it: what communities make it do.</summary>
/// <param name="provider">Its catalogue.</param>
/// <param name="neighbor">The AS number that stands for <c>{neighbor}</c>.</param>
/// <param name="communities">Of the route.</param>
public sealed class CommunityReading(ProviderConfig provider, uint neighbor, ImmutableArray<Community> communities)
{
    /// <summary>It is passed on at exchanges alone.</summary>
    public bool IsIxpOnly { get; } = Says(provider.IxpOnly, neighbor, communities);

    /// <summary>The provider does not pass the route on at all; <see cref="IsIxpOnly"/> is an exception to it, and may contain its community.</summary>
    public bool IsNoExport { get; } = Says(provider.NoExport, neighbor, communities);

    /// <returns>All that is said of this carrier together.</returns>
    public CarrierAction Towards(uint carrier)
    {
        var all = new CarrierAction(false, 0);
        foreach (Community community in communities)
        {
            if (Of(provider, carrier, neighbor, community, communities) is { } action)
            {
                all = new CarrierAction(all.Withdraw || action.Withdraw, Math.Max(all.Prepend, action.Prepend));
            }
        }

        return all;
    }

    /// <summary>What one community says of a carrier, by itself or together with others.</summary>
    /// <param name="provider">The catalogue.</param>
    /// <param name="carrier">The carrier's AS number.</param>
    /// <param name="neighbor">The AS number that stands for <c>{neighbor}</c>.</param>
    /// <param name="community">The community.</param>
    /// <param name="all">It and those beside it.</param>
    /// <returns>Null: it says nothing of this carrier.</returns>
    public static CarrierAction? Of(ProviderConfig provider, uint carrier, uint neighbor, Community community, ImmutableArray<Community> all)
    {
        ProviderCarriersConfig actions = Actions(provider, carrier);
        if (IsPartOf(actions.Withdraw))
        {
            return new CarrierAction(true, 0);
        }

        for (int times = 0; times < actions.Prepend.Length; times++)
        {
            if (IsPartOf(actions.Prepend[times]))
            {
                return new CarrierAction(false, times + 1);
            }
        }

        return null;

        bool IsPartOf(ImmutableArray<string> templates) => Said(templates, carrier, neighbor, all).Any(said => said.Contains(community));
    }

    /// <summary>A carrier's own entry, or what holds for each.</summary>
    internal static ProviderCarriersConfig Actions(ProviderConfig provider, uint carrier) =>
        provider.Carriers.FirstOrDefault(c => c.Asn == carrier)?.Actions ?? provider.EachCarrier;

    private static bool Says(ImmutableArray<string> templates, uint neighbor, ImmutableArray<Community> communities) =>
        Said(templates, 0, neighbor, communities).Any();

    /// <summary>The alternatives whose communities are all there.</summary>
    private static IEnumerable<ImmutableArray<Community>> Said(ImmutableArray<string> templates, uint carrier, uint neighbor, ImmutableArray<Community> communities)
    {
        foreach (string template in templates)
        {
            if (CommunityTemplate.TryExpand(template, carrier, neighbor, out ImmutableArray<Community> known) && known.All(communities.Contains))
            {
                yield return known;
            }
        }
    }
}
