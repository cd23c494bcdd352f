using System.Collections.Immutable;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Failover;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Grains.Routing;

/// <summary>Where the wire is not as desired, in words. Pure.</summary>
internal static class RouteDifference
{
    /// <param name="desired">Null: not known yet.</param>
    /// <param name="epoch">Of the config that the desired state belongs to.</param>
    /// <param name="members">The announcers that are to hold sessions with this upstream.</param>
    /// <returns>Empty: on the wire is what is desired.</returns>
    public static ImmutableArray<string> Of(DesiredUpstream? desired, string epoch, IEnumerable<AnnouncerMember> members)
    {
        var lines = ImmutableArray.CreateBuilder<string>();
        if (desired is null)
        {
            lines.Add("what is desired is not known yet");
            return lines.ToImmutable();
        }

        foreach (AnnouncerMember member in members)
        {
            if (member.Connection is null)
            {
                lines.Add(member.Report is null
                    ? $"{member.Edge}: its announcer is not connected"
                    : $"{member.Edge}: its announcer is not connected; it goes on with what it had");
            }

            if (member.Report is not { } report)
            {
                if (member.Connection is not null)
                {
                    lines.Add($"{member.Edge}: has not reported yet");
                }

                continue;
            }

            if (report.HeldBack is { } reason)
            {
                lines.Add($"{member.Edge}: nothing is announced: {reason}");
            }
            else if (report.Failover is { Level: AnnouncementLevel.Depreferred } failover)
            {
                lines.Add($"{member.Edge}: less preferred by failover: {failover.Why}{(failover.WaitsFor is { } waits ? $"; it is not withdrawn: {waits}" : "")}");
            }

            foreach (DesiredSession session in desired.Sessions)
            {
                Session(desired, session, epoch, member.Edge, report, lines);
            }

            foreach (ObservedSession extra in report.Sessions.Where(s => s.Upstream == desired.Id && desired.Sessions.All(d => d.Neighbor.ToString() != s.Neighbor)))
            {
                lines.Add($"{member.Edge}: has a session with {extra.Neighbor}, which the config does not name");
            }
        }

        return lines.ToImmutable();
    }

    private static void Session(
        DesiredUpstream desired, DesiredSession session, string epoch, string edge, AnnouncerReport report, ImmutableArray<string>.Builder lines)
    {
        string neighbor = session.Neighbor.ToString();
        if (report.Sessions.FirstOrDefault(s => s.Upstream == desired.Id && s.Neighbor == neighbor) is not { } observed)
        {
            lines.Add($"{edge}: has no session with {neighbor}");
            return;
        }

        if (observed.State != BgpState.Established)
        {
            lines.Add($"{edge}: the session with {neighbor} is {observed.State}{(observed.LastError is { } error ? $" ({error.Text})" : "")}");
            return;
        }

        if (report.Epoch != epoch)
        {
            lines.Add($"{edge}: works on the state of another cluster");
        }
        else if (observed.Revision > desired.Revision)
        {
            lines.Add($"{edge}: works on revision {observed.Revision}, newer than {desired.Revision} here; the next change is above both");
        }
        else if (observed.Revision < desired.Revision)
        {
            lines.Add($"{edge}: works on revision {observed.Revision}, desired is {desired.Revision}");
        }

        // Only families that the session carries, and what failover has made of the routes: that it has is said once for all of them. Older software has none.
        ImmutableArray<DesiredRoute> routes = desired.Routes.At(report.Failover?.Level ?? AnnouncementLevel.Normal);
        foreach (DesiredRoute route in routes.Where(r => session.Carries(r.Prefix)))
        {
            if (observed.Advertised.FirstOrDefault(a => a.Prefix == route.Prefix) is not { } sent)
            {
                lines.Add($"{edge}: {route.Prefix} is not announced to {neighbor}");
            }
            else if (!sent.Equals(route))
            {
                lines.Add($"{edge}: {route.Prefix} is announced to {neighbor} with {Words(sent)}, desired is {Words(route)}");
            }
        }

        foreach (DesiredRoute sent in observed.Advertised.Where(a => routes.All(r => r.Prefix != a.Prefix)))
        {
            lines.Add($"{edge}: {sent.Prefix} is still announced to {neighbor}");
        }
    }

    private static string Words(DesiredRoute route) =>
        $"prepend {route.Prepend}{(route.Communities.IsEmpty ? "" : " and " + string.Join(' ', route.Communities))}";
}
