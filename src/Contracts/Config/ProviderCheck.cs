using System.Collections.Immutable;
using OrleansCdn.Contracts.Config.Scalars;

namespace OrleansCdn.Contracts.Config;

/// <summary>The part of <see cref="SnapshotCheck"/> for community catalogues.</summary>
internal static class ProviderCheck
{
    public static void ThrowIfBroken(ProviderConfig provider, string path)
    {
        SnapshotCheck.Require(provider.Name is not null && provider.Source is not null, $"{path}.name");
        Templates(provider.NoExport, $"{path}.noExport");
        Templates(provider.IxpOnly, $"{path}.ixpOnly");
        Actions(provider.EachCarrier, $"{path}.eachCarrier");
        SnapshotCheck.Require(!provider.Carriers.IsDefault && !provider.Known.IsDefault, $"{path}.carriers");
        SnapshotCheck.Require(provider.Carriers.All(c => c is not null) && provider.Known.All(k => k?.Meaning is not null), $"{path}.carriers");
        SnapshotCheck.Require(provider.Carriers.DistinctBy(c => c.Asn).Count() == provider.Carriers.Length, $"{path}.carriers");
        foreach (ProviderCarrierConfig carrier in provider.Carriers)
        {
            Actions(carrier.Actions, $"{path}.carriers.{carrier.Asn}");
        }
    }

    private static void Actions(ProviderCarriersConfig? actions, string path)
    {
        SnapshotCheck.Require(actions is { Prepend.IsDefault: false }, path);
        Templates(actions!.Withdraw, $"{path}.withdraw");
        foreach (ImmutableArray<string> prepend in actions.Prepend)
        {
            Templates(prepend, $"{path}.prepend");
        }
    }

    private static void Templates(ImmutableArray<string> templates, string path) => SnapshotCheck.Require(
        !templates.IsDefault && templates.All(text => text is not null && CommunityTexts.Template.Parse(text, out _) is null), path);
}
