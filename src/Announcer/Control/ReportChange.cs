using OrleansCdn.Contracts.Failover;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Announcer.Control;

/// <summary>Whether two reports say the same of everything that somebody would act on.</summary>
internal static class ReportChange
{
    public static bool IsSame(AnnouncerReport left, AnnouncerReport right) =>
        left.Epoch == right.Epoch && left.ConfigVersion == right.ConfigVersion && left.HeldBack == right.HeldBack
        && IsSame(left.Failover, right.Failover)
        && left.Problems.AsSpan().SequenceEqual(right.Problems.AsSpan())
        && left.Sessions.Length == right.Sessions.Length
        && left.Sessions.Zip(right.Sessions).All(pair => IsSame(pair.First, pair.Second));

    // A penalty decays all the time, and connections come and go: the one is told by what it holds back, the other while it is waited for.
    private static bool IsSame(FailoverStatus? left, FailoverStatus? right) =>
        left is null || right is null
            ? left == right
            : left.Phase == right.Phase && left.Level == right.Level && left.Why == right.Why && left.WaitsFor == right.WaitsFor
                && left.OrdersVersion == right.OrdersVersion && left.IsDrained == right.IsDrained && left.IsHeld == right.IsHeld
                && (left.Connections == right.Connections || left.Phase is not (FailoverPhase.Draining or FailoverPhase.Withdrawn))
                && left.Promised.AsSpan().SequenceEqual(right.Promised.AsSpan())
                && left.Checks.Length == right.Checks.Length && left.Checks.Zip(right.Checks).All(pair => IsSame(pair.First, pair.Second));

    /// <summary>What is seen of a check that is well differs from look to look.</summary>
    private static bool IsSame(HealthCheckStatus left, HealthCheckStatus right) =>
        left.Check == right.Check && left.IsHard == right.IsHard && left.IsOk == right.IsOk && (left.IsOk || left.Evidence == right.Evidence);

    // Moments are computed anew for each report and differ by what passes between two looks at a clock.
    private static bool IsSame(ObservedSession left, ObservedSession right) =>
        left.Upstream == right.Upstream && left.Neighbor == right.Neighbor && left.PeerAsn == right.PeerAsn
        && left.State == right.State && left.Revision == right.Revision && left.LocalAddress == right.LocalAddress
        && left.Counters.Established == right.Counters.Established && left.Counters.ConnectAttempts == right.Counters.ConnectAttempts
        && (left.LastError is null) == (right.LastError is null)
        && left.LastError?.Origin == right.LastError?.Origin && left.LastError?.Text == right.LastError?.Text
        && left.Advertised.AsSpan().SequenceEqual(right.Advertised.AsSpan());
}
