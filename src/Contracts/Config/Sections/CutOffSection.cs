using OrleansCdn.Contracts.Config.Binding;
using OrleansCdn.Contracts.Config.Scalars;

namespace OrleansCdn.Contracts.Config.Sections;

internal static class CutOffSection
{
    public static readonly ScalarKey<TimeSpan> After = ScalarKey<TimeSpan>.May(
        "after", Durations.Between(ConfigLimits.MinCutOffAfter, ConfigLimits.MaxGrace), ConfigDefaults.CutOffAfter,
        "How long an edge may hear from no silo before the policy begins.");

    public static readonly ScalarKey<CutOffPolicy> Policy = ScalarKey<CutOffPolicy>.May(
        "policy", Tokens.Choice(("serve", CutOffPolicy.Serve), ("revalidate", CutOffPolicy.Revalidate), ("drain", CutOffPolicy.Drain)), ConfigDefaults.CutOffPolicy,
        "`serve`: as before. `revalidate`: what was confirmed longer ago than `after` is confirmed with the origin before it is used. `drain`: as `serve`, and the edge asks to be taken out.");

    public static readonly KeyTable Table = new("sites.ID.when-cut-off", [After, Policy]);

    public static CutOffConfig Bind(MapReader keys) => new()
    {
        After = keys.Read(After).Value,
        Policy = keys.Read(Policy).Value,
    };
}
