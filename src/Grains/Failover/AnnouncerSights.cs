using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Failover;

namespace OrleansCdn.Grains.Failover;

/// <summary>An announcer's view of itself as evidence for DNS. Pure.</summary>
internal static class AnnouncerSights
{
    /// <param name="server">Whose announcer.</param>
    /// <param name="heard">What it said last, and when; null: nothing.</param>
    /// <param name="now">The present.</param>
    public static AnnouncerSighting Of(string server, (PeerView View, DateTimeOffset At)? heard, DateTimeOffset now) => heard switch
    {
        { View: { Level: not AnnouncementLevel.Withdrawn }, At: var at } when IsFresh(at, now) => new AnnouncerSighting(server, AnnouncerSight.Announced),
        { View: { Phase: FailoverPhase.Withdrawn or FailoverPhase.Held } view, At: var at } when IsFresh(at, now) =>
            new AnnouncerSighting(server, AnnouncerSight.Withdrawn, view.FailingCheck is { } check ? $"is withdrawn: {check} fails" : "is withdrawn"),

        // One that has only begun, or whose cache is being warmed, has not decided anything.
        _ => new AnnouncerSighting(server, AnnouncerSight.Unknown),
    };

    private static bool IsFresh(DateTimeOffset at, DateTimeOffset now) => now - at <= FailoverPolicy.Default.FreshFor;
}
