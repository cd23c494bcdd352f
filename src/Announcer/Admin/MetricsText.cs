using System.Globalization;
using System.Text;
using OrleansCdn.Contracts.Failover;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Node.Links;

namespace OrleansCdn.Announcer.Admin;

/// <summary>The counters in Prometheus' text format 0.0.4.</summary>
internal static class MetricsText
{
    public static string Format(StatusReply status)
    {
        StringBuilder text = new();
        One("held_back", "gauge", "1 while nothing is announced although it should be.", status.Health.HeldBack is null ? 0 : 1);
        One("problems", "gauge", "Things that an operator has to mend.", status.Health.Problems.Length);
        One("feed_connected", "gauge", "1 while connected to a silo.", status.Feed.State == FeedState.Connected ? 1 : 0);
        One("config_version", "gauge", "Version of the config that the desired state comes from.", status.Desired?.ConfigVersion ?? 0);
        One("refused_connections_total", "counter", "BGP connections of nobody that is a neighbour.", status.Refused);
        One("resident_bytes", "gauge", "Resident memory of the process.", status.ResidentBytes);
        if (status.Failover is { } failover)
        {
            Head("failover_phase", "gauge", "1 for the phase that the server is in.");
            foreach (FailoverPhase phase in Enum.GetValues<FailoverPhase>())
            {
                text.Append(CultureInfo.InvariantCulture, $"cdn_announcer_failover_phase{{phase=\"{phase}\"}} {(failover.Phase == phase ? 1 : 0)}\n");
            }

            One("failover_level", "gauge", "What the upstreams are told: 0 nothing, 1 less preferred, 2 as desired.", (long)failover.Level);
            One("failover_promised", "gauge", "Servers that this one has promised to stay.", failover.Promised.Length);
            One("failover_penalty", "gauge", "Of the damping of its own changes.", (long)failover.Penalty);
            One("failover_held", "gauge", "1 while the penalty holds an announcement back.", failover.IsHeld ? 1 : 0);
            One("failover_dropped_total", "counter", "Words of others and rounds of checks that found the failover loop too busy.", status.FailoverDropped);
            Head("check_ok", "gauge", "1 while the check is well.");
            foreach (HealthCheckStatus check in failover.Checks)
            {
                text.Append(CultureInfo.InvariantCulture, $"cdn_announcer_check_ok{{check=\"{Label(check.Check)}\",hard=\"{(check.IsHard ? "true" : "false")}\"}} {(check.IsOk ? 1 : 0)}\n");
            }
        }

        Each("session_established", "gauge", "1 while the session is Established.", s => s.State == BgpState.Established ? 1 : 0);
        Each("session_advertised", "gauge", "Prefixes that the neighbour has been told.", s => s.Advertised.Length);
        Each("session_established_total", "counter", "Times that the session became Established.", s => s.Counters.Established);
        Each("session_attempts_total", "counter", "Connections that were tried.", s => s.Counters.ConnectAttempts);
        Each("session_updates_sent_total", "counter", "UPDATEs to the neighbour.", s => s.Counters.UpdatesOut);
        Each("session_updates_received_total", "counter", "UPDATEs from the neighbour.", s => s.Counters.UpdatesIn);
        Each("session_notifications_sent_total", "counter", "NOTIFICATIONs to the neighbour.", s => s.Counters.NotificationsOut);
        Each("session_notifications_received_total", "counter", "NOTIFICATIONs from the neighbour.", s => s.Counters.NotificationsIn);
        return text.ToString();

        void Head(string name, string type, string help) =>
            text.Append(CultureInfo.InvariantCulture, $"# HELP cdn_announcer_{name} {help}\n# TYPE cdn_announcer_{name} {type}\n");

        void One(string name, string type, string help, long value)
        {
            Head(name, type, help);
            text.Append(CultureInfo.InvariantCulture, $"cdn_announcer_{name} {value}\n");
        }

        void Each(string name, string type, string help, Func<ObservedSession, long> value)
        {
            Head(name, type, help);
            foreach (ObservedSession session in status.Sessions)
            {
                text.Append(CultureInfo.InvariantCulture, $"cdn_announcer_{name}{{upstream=\"{Label(session.Upstream)}\",neighbor=\"{session.Neighbor}\"}} {value(session)}\n");
            }
        }
    }

    /// <summary>A name of a hand-written file may hold what has a meaning in a label.</summary>
    private static string Label(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}
