using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Grains.Events;

/// <summary>
/// From the reports of a PoP's announcers, which are whole states, to the sessions that came and went in between. Pure. The first
/// report of an announcer is where it begins: what it holds then is no news.
/// </summary>
internal sealed class SessionWatch(string pop)
{
    /// <summary>Announcers tell times of day that they count back from now on another clock: the same moment comes out a little different each time.</summary>
    private static readonly TimeSpan Jitter = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, Dictionary<(string Upstream, string Neighbor), ObservedSession>> _established = [];

    /// <summary>Forgets the announcers of other servers.</summary>
    public void Keep(IEnumerable<string> edges)
    {
        _established.KeepOnly(edges);
    }

    /// <summary>Those of one report, losses before what was established again.</summary>
    public List<NewEvent> Take(string edge, AnnouncerReport report)
    {
        var news = new List<NewEvent>();
        var now = new Dictionary<(string, string), ObservedSession>();
        foreach (ObservedSession session in report.Sessions)
        {
            now[(session.Upstream, session.Neighbor)] = session;
        }

        if (_established.TryGetValue(edge, out Dictionary<(string Upstream, string Neighbor), ObservedSession>? before))
        {
            foreach (((string, string) key, ObservedSession held) in before)
            {
                ObservedSession? session = now.GetValueOrDefault(key);
                if (session is not { State: BgpState.Established } || !IsSame(session, held))
                {
                    news.Add(Lost(edge, held, session));
                }
            }

            news.AddRange(
                from session in now.Values
                where session.State == BgpState.Established
                    && !(before.GetValueOrDefault((session.Upstream, session.Neighbor)) is { } held && IsSame(session, held))
                select Established(edge, session));
        }

        _established[edge] = now.Where(s => s.Value.State == BgpState.Established).ToDictionary();
        return news;
    }

    /// <summary>Not established anew in between, by the same process or by another one.</summary>
    private static bool IsSame(ObservedSession session, ObservedSession held) =>
        session.Counters.Established == held.Counters.Established && (session.Since - held.Since).Duration() < Jitter;

    private NewEvent Established(string edge, ObservedSession session) => new()
    {
        Kind = EventKind.SessionEstablished,
        Severity = EventSeverity.Info,
        Pop = pop,
        Edge = edge,
        Upstream = session.Upstream,
        What = $"BGP session with {session.Neighbor} (AS{session.PeerAsn}) established",
        Why = session.PeerRouterId is { } router ? $"router id {router}" : null,
    };

    private NewEvent Lost(string edge, ObservedSession held, ObservedSession? now) => new()
    {
        Kind = EventKind.SessionLost,
        Severity = now is null ? EventSeverity.Info : EventSeverity.Problem,
        Pop = pop,
        Edge = edge,
        Upstream = held.Upstream,
        What = $"BGP session with {held.Neighbor} (AS{held.PeerAsn}) {(now is null ? "ended: it is no longer wanted" : "lost")}",
        Why = now is null ? null : now.LastError is { } error && error != held.LastError ? $"{Teller(error.Origin)}: {error.Text}" : "the announcer began anew, or does not say",
    };

    private static string Teller(SessionErrorOrigin origin) => origin switch
    {
        SessionErrorOrigin.Received => "the peer said",
        SessionErrorOrigin.Sent => "told the peer",
        _ => "connection",
    };
}
