using OrleansCdn.Contracts.Config.Binding;
using OrleansCdn.Contracts.Config.Scalars;
using OrleansCdn.Contracts.Failover;

namespace OrleansCdn.Contracts.Config.Sections;

internal static class DampingSection
{
    private static readonly ScalarType<int> Penalty = Numbers.Whole(1, ConfigLimits.MaxPenalty);

    public static readonly ScalarKey<int> PerWithdrawal = ScalarKey<int>.May(
        "per-withdrawal", Penalty, (int)RouteFailoverConfig.Default.Damping.PerWithdrawal, "What a withdrawal adds to the penalty.");

    public static readonly ScalarKey<int> PerChange = ScalarKey<int>.May(
        "per-change", Penalty, (int)RouteFailoverConfig.Default.Damping.PerAttributeChange, "What a change from less preferred to normal adds.");

    public static readonly ScalarKey<TimeSpan> HalfLife = ScalarKey<TimeSpan>.May(
        "half-life", Durations.Between(ConfigLimits.MinDampingTime, ConfigLimits.MaxDampingTime), RouteFailoverConfig.Default.Damping.HalfLife,
        "Time in which half of the penalty is forgotten.");

    public static readonly ScalarKey<int> HoldFrom = ScalarKey<int>.May(
        "hold-from", Penalty, (int)RouteFailoverConfig.Default.Damping.HoldFrom, "Penalty from which an announcement is held back.");

    public static readonly ScalarKey<int> ReleaseBelow = ScalarKey<int>.May(
        "release-below", Penalty, (int)RouteFailoverConfig.Default.Damping.ReleaseBelow, "Penalty below which it is held back no longer.");

    public static readonly ScalarKey<TimeSpan> MaxHold = ScalarKey<TimeSpan>.May(
        "max-hold", Durations.Between(ConfigLimits.MinDampingTime, ConfigLimits.MaxDampingTime), RouteFailoverConfig.Default.Damping.MaxHold,
        "The longest that it is held back.");

    public static readonly KeyTable Table = new(
        "cluster.failover.damping", [PerWithdrawal, PerChange, HalfLife, HoldFrom, ReleaseBelow, MaxHold]);

    public static DampingPolicy Bind(MapReader keys, FileFacts facts)
    {
        Found<int> hold = keys.Read(HoldFrom);
        Found<int> release = keys.Read(ReleaseBelow);
        Found<TimeSpan> halfLife = keys.Read(HalfLife);
        Found<TimeSpan> maxHold = keys.Read(MaxHold);
        var damping = new DampingPolicy
        {
            PerWithdrawal = keys.Read(PerWithdrawal).Value,
            PerAttributeChange = keys.Read(PerChange).Value,
            HalfLife = halfLife.Value,
            HoldFrom = hold.Value,
            ReleaseBelow = release.Value,
            MaxHold = maxHold.Value,
        };
        if (hold.Valid && release.Valid && release.Value >= hold.Value && (release.Node ?? hold.Node) is { } node)
        {
            facts.Errors.Add(
                node,
                release.Given ? "is not below hold-from" : "is not above release-below",
                release.Given ? $"1 to {HoldFrom.Type.Format(hold.Value - 1)}" : $"{ReleaseBelow.Type.Format(release.Value + 1)} or more");
        }
        else if (hold.Valid && release.Valid && halfLife.Valid && maxHold.Valid && damping.Ceiling < damping.HoldFrom)
        {
            // RFC 2439 §4.2: the penalty is cut off at what max-hold forgets.
            keys.Report("holds nothing back: with this max-hold the penalty never gets to hold-from", "a longer max-hold, a shorter half-life, or a lower hold-from");
        }

        return damping;
    }
}
