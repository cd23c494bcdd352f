using System.Collections.Immutable;
using System.Globalization;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Routing.Catalogue;

namespace OrleansCdn.Routing.Intent;

/// <summary>What cannot be said to a provider, why, and the nearest thing that can.</summary>
internal static class PolicyErrorTexts
{
    public static string Carrier(
        RoutePolicy policy, ProviderConfig? provider, ProviderCatalogue catalogue, CarrierPolicy carrier, string what, ImmutableArray<string> templates)
    {
        if (provider is null)
        {
            return $"'{what}' for carrier {carrier} cannot be said: {Unknown(policy, catalogue)}";
        }

        string why = templates.IsEmpty
            ? $"{Name(provider)} has no known community for it"
            : $"{Name(provider)} says it with {string.Join(" or ", templates)}, which holds AS numbers up to {ushort.MaxValue}, and a large form is not known";
        return $"'{what}' for carrier {carrier} cannot be said: {why} ({AsOf(provider)}){Note(provider)}. Nearest: {Nearest(policy, provider, carrier)}";
    }

    public static string IxpOnly(RoutePolicy policy, ProviderConfig? provider, ProviderCatalogue catalogue) =>
        Scope("ixp-only", "withdraw from the carriers that are not to have it", policy, provider, catalogue);

    public static string NoExport(RoutePolicy policy, ProviderConfig? provider, ProviderCatalogue catalogue) =>
        Scope("no-export", "withdraw from this route server, or from its members one by one", policy, provider, catalogue);

    private static string Scope(string what, string nearest, RoutePolicy policy, ProviderConfig? provider, ProviderCatalogue catalogue) => provider is null
        ? $"'{what}' cannot be said: {Unknown(policy, catalogue)}"
        : $"'{what}' cannot be said: {Name(provider)} has no known community for it ({AsOf(provider)}){Note(provider)}. Nearest: {nearest}";

    private static string Nearest(RoutePolicy policy, ProviderConfig provider, CarrierPolicy carrier)
    {
        ProviderCarriersConfig actions = CommunityReading.Actions(provider, carrier.Asn);
        int[] prepends =
        [
            .. Enumerable.Range(1, actions.Prepend.Length)
                .Where(times => !CommunityTemplate.First(actions.Prepend[times - 1], carrier.Asn, policy.Upstream.Asn).IsEmpty)
                .OrderBy(times => Math.Abs(times - (carrier.Withdraw ? ConfigLimits.MaxPrepend : carrier.Prepend))),
        ];
        bool canWithdraw = !CommunityTemplate.First(actions.Withdraw, carrier.Asn, policy.Upstream.Asn).IsEmpty;
        return (prepends, canWithdraw) switch
        {
            ([int times, ..], _) => string.Create(CultureInfo.InvariantCulture, $"'prepend {times}' for this carrier"),
            ([], true) => "'withdraw' for this carrier",
            _ => carrier.Withdraw
                ? "withdraw from this upstream altogether, or set its communities yourself"
                : "prepend towards this upstream as a whole, or set its communities yourself",
        };
    }

    private static string Unknown(RoutePolicy policy, ProviderCatalogue catalogue) =>
        $"there is no community catalogue of provider '{policy.Upstream.Provider}'. Known are {string.Join(", ", catalogue.All.Select(p => p.Id))}; "
        + "name one of them as provider, add your own under providers, or set the communities yourself";

    private static string Name(ProviderConfig provider) => $"provider '{provider.Id}' ({provider.Name})";

    private static string AsOf(ProviderConfig provider) => string.Create(CultureInfo.InvariantCulture, $"as of {provider.Date:yyyy-MM-dd}, {provider.Source}");

    private static string Note(ProviderConfig provider) => provider.Note is null ? "" : $"; {provider.Note}";
}
