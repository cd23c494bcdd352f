using System.Collections.Immutable;
using System.Net;
using OrleansCdn.Bgp.Fsm;
using OrleansCdn.Bgp.Wire;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Announcer.Sessions;

/// <summary>All that makes a session another one when it changes.</summary>
internal sealed record SessionIdentity(
    IPEndPoint Neighbor, uint LocalAsn, uint PeerAsn, AddressFamilies Families, TimeSpan HoldTime, int Hops, bool TtlSecurity, string? PasswordFile)
{
    public SessionSettings ToSettings(uint routerId) => new()
    {
        LocalAsn = LocalAsn,
        RouterId = routerId,
        PeerAsn = PeerAsn,
        Families = Families,
        HoldTime = HoldTime,
        RequiresHoldTime = true,
    };
}

/// <summary>One session as it is to be: who it is, and what can change while it lives.</summary>
/// <param name="Routes">Of the session's families alone.</param>
internal sealed record PlannedSession(
    SessionIdentity Identity, string Upstream, long Revision, ImmutableArray<DesiredRoute> Routes, ImmutableArray<IPNetwork> Allowed);

/// <summary>A desired state as sessions.</summary>
internal static class SessionPlan
{
    /// <param name="desired">Checked.</param>
    /// <param name="problems">Gets what cannot be as desired.</param>
    public static ImmutableDictionary<IPEndPoint, PlannedSession> Of(DesiredAnnouncements desired, ImmutableArray<string>.Builder problems)
    {
        var sessions = ImmutableDictionary.CreateBuilder<IPEndPoint, PlannedSession>();
        foreach (DesiredUpstream upstream in desired.Upstreams)
        {
            foreach (DesiredRoute route in upstream.Routes.Where(r => !desired.AllowedPrefixes.Contains(r.Prefix)))
            {
                problems.Add($"{upstream.Id}: {route.Prefix} is not one of your prefixes and is not announced");
            }

            foreach (DesiredSession session in upstream.Sessions)
            {
                PlannedSession planned = Plan(desired, upstream, session);
                if (!sessions.TryAdd(session.Neighbor, planned))
                {
                    problems.Add($"{upstream.Id}: there is a session with {session.Neighbor} for upstream {sessions[session.Neighbor].Upstream} already; a neighbour has one");
                }
            }
        }

        return sessions.ToImmutable();
    }

    private static PlannedSession Plan(DesiredAnnouncements desired, DesiredUpstream upstream, DesiredSession session)
    {
        AddressFamilies families = (session.Ipv4 ? AddressFamilies.Ipv4 : 0) | (session.Ipv6 ? AddressFamilies.Ipv6 : 0);
        var identity = new SessionIdentity(
            session.Neighbor, desired.Asn, upstream.Asn, families, session.HoldTime, session.Hops, session.TtlSecurity, session.PasswordFile);

        // An upstream's sessions may share its families: what the other one carries is not missing here.
        return new PlannedSession(
            identity,
            upstream.Id,
            upstream.Revision,
            [.. upstream.Routes.Where(r => (families & AddressFamilyExtensions.FamilyOf(r.Prefix).AsFlag()) != 0)],
            desired.AllowedPrefixes);
    }
}
