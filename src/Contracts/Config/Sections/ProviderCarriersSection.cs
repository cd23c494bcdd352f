using System.Collections.Immutable;
using System.Globalization;
using OrleansCdn.Contracts.Config.Binding;
using OrleansCdn.Contracts.Config.Scalars;

namespace OrleansCdn.Contracts.Config.Sections;

/// <summary>What can be said of a carrier: the same keys for each carrier and for a certain one.</summary>
internal sealed class ProviderCarriersSection
{
    public static readonly ProviderCarriersSection Each = new("providers.ID.each-carrier");

    private ProviderCarriersSection(string where)
    {
        Keys = new KeyTable(where, [Withdraw, .. Prepends]);
    }

    public static KeyTable Table => Each.Keys;

    public static ProviderCarriersSection One(string where) => new(where);

    public KeyTable Keys { get; }

    public ListKey<string> Withdraw { get; } = TemplateKeys.Of("withdraw", CommunityTexts.Template, "The provider does not pass the route to the carrier.");

    public ImmutableArray<ListKey<string>> Prepends { get; } =
    [
        .. Enumerable.Range(1, ConfigLimits.MaxPrepend).Select(times => TemplateKeys.Of(
            string.Create(CultureInfo.InvariantCulture, $"prepend-{times}"),
            CommunityTexts.Template,
            $"The path is made longer by {times} towards the carrier.")),
    ];

    public ProviderCarriersConfig Bind(MapReader keys)
    {
        ImmutableArray<ImmutableArray<string>> prepends = [.. Prepends.Select(times => TemplateKeys.Values(keys.Read(times)))];
        int highest = prepends.Length;
        while (highest > 0 && prepends[highest - 1].IsEmpty)
        {
            highest--;
        }

        return new ProviderCarriersConfig { Withdraw = TemplateKeys.Values(keys.Read(Withdraw)), Prepend = prepends[..highest] };
    }
}

internal static class ProviderCarrierSection
{
    private static readonly ProviderCarriersSection Section = ProviderCarriersSection.One("providers.ID.carriers.ASN");

    public static KeyTable Table => Section.Keys;

    public static ProviderCarriersConfig Bind(MapReader keys) => Section.Bind(keys);
}
