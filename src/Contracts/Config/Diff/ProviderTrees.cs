using System.Collections.Immutable;
using System.Globalization;
using OrleansCdn.Contracts.Config.Binding;
using OrleansCdn.Contracts.Config.Sections;

namespace OrleansCdn.Contracts.Config.Diff;

/// <summary>The trees of community catalogues.</summary>
internal static class ProviderTrees
{
    public static ConfigBranch Of(ProviderConfig provider) => ConfigTreeBuilder.Keys(
        ConfigTreeBuilder.Leaf(ProviderSection.Name, provider.Name),
        ConfigTreeBuilder.Leaf(ProviderSection.Asn, provider.Asn),
        ConfigTreeBuilder.Leaf(ProviderSection.Source, provider.Source),
        ConfigTreeBuilder.Leaf(ProviderSection.Date, (DateOnly?)provider.Date),
        ConfigTreeBuilder.Leaf(ProviderSection.Note, provider.Note),
        Values(ProviderSection.NoExport, provider.NoExport),
        Values(ProviderSection.IxpOnly, provider.IxpOnly),
        (ProviderSection.EachCarrier, Of(provider.EachCarrier)),
        (ProviderSection.Carriers, ConfigTreeBuilder.ById(
            provider.Carriers, carrier => carrier.Asn.ToString(CultureInfo.InvariantCulture), carrier => Of(carrier.Actions))),
        (ProviderSection.Known, ConfigTreeBuilder.ByPlace(provider.Known, known => ConfigTreeBuilder.Keys(
            ConfigTreeBuilder.Leaf(KnownCommunitySection.Community, (Routing.Community?)known.Community),
            ConfigTreeBuilder.Leaf(KnownCommunitySection.Meaning, known.Meaning)))));

    private static ConfigBranch Of(ProviderCarriersConfig actions)
    {
        ProviderCarriersSection keys = ProviderCarriersSection.Each;
        return ConfigTreeBuilder.Keys(
        [
            Values(keys.Withdraw, actions.Withdraw),
            .. keys.Prepends.Zip(actions.Prepend, (key, templates) => Values(key, templates)),
        ]);
    }

    private static (Key, ConfigTree?) Values(ListKey<string> key, ImmutableArray<string> templates) =>
        (key, templates.IsEmpty ? null : ConfigTreeBuilder.Values(templates, template => template));
}
