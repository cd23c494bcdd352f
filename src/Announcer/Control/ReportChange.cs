using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Announcer.Control;

/// <summary>Whether two reports say the same of everything that somebody would act on.</summary>
internal static class ReportChange
{
    public static bool IsSame(AnnouncerReport left, AnnouncerReport right) =>
        left.Epoch == right.Epoch && left.ConfigVersion == right.ConfigVersion && left.HeldBack == right.HeldBack
        && left.Problems.AsSpan().SequenceEqual(right.Problems.AsSpan())
        && left.Sessions.Length == right.Sessions.Length
        && left.Sessions.Zip(right.Sessions).All(pair => IsSame(pair.First, pair.Second));

    // Moments are computed anew for each report and differ by what passes between two looks at a clock.
    private static bool IsSame(ObservedSession left, ObservedSession right) =>
        left.Upstream == right.Upstream && left.Neighbor == right.Neighbor && left.PeerAsn == right.PeerAsn
        && left.State == right.State && left.Revision == right.Revision && left.LocalAddress == right.LocalAddress
        && left.Counters.Established == right.Counters.Established && left.Counters.ConnectAttempts == right.Counters.ConnectAttempts
        && (left.LastError is null) == (right.LastError is null)
        && left.LastError?.Origin == right.LastError?.Origin && left.LastError?.Text == right.LastError?.Text
        && left.Advertised.AsSpan().SequenceEqual(right.Advertised.AsSpan());
}
