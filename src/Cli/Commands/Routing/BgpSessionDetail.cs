using System.Globalization;
using OrleansCdn.Cli.Output;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Cli.Commands.Routing;

/// <summary>All that is known of one session, line by line: what routers show as the details of a neighbour.</summary>
internal static class BgpSessionDetail
{
    public static void Write(TextWriter output, BgpSessionState at, DateTimeOffset now)
    {
        ObservedSession session = at.Session;
        SessionCounters counters = session.Counters;
        output.WriteLine(PlainText.Of($"{at.Pop}/{at.Edge} {session.Upstream} {session.Neighbor} (AS{session.PeerAsn})"));
        Line("state", $"{session.State} for {BgpText.Duration(now - session.Since)}{(at.Connected ? "" : "; its announcer is not connected, and this is what it said last")}");
        Line("next attempt", session.NextAttempt is { } next ? $"in {BgpText.Duration(next - now)}" : null);
        Line("timers", BgpText.Timers(session));
        Line("local", session.LocalAddress);
        Line("router id", session.PeerRouterId);
        Line("peer offers", session.PeerCapabilities.IsEmpty ? null : string.Join(", ", session.PeerCapabilities));
        Line("established", string.Create(CultureInfo.InvariantCulture, $"{counters.Established}×, after {counters.ConnectAttempts} attempts to connect"));
        Line("in", string.Create(
            CultureInfo.InvariantCulture,
            $"{Messages(counters.MessagesIn, counters.UpdatesIn, counters.KeepalivesIn, counters.NotificationsIn, counters.BytesIn)}, {counters.RouteRefreshesIn} route refreshes"));
        Line("out", Messages(counters.MessagesOut, counters.UpdatesOut, counters.KeepalivesOut, counters.NotificationsOut, counters.BytesOut));
        Line("last error", session.LastError is { } error ? $"{BgpText.Error(error)} ({Units.Time(error.When)})" : null);
        Line("revision", session.Revision.ToString(CultureInfo.InvariantCulture));
        foreach (DesiredRoute route in session.Advertised)
        {
            Line("announced", string.Create(CultureInfo.InvariantCulture, $"{route.Prefix}  prepend {route.Prepend}  {string.Join(' ', route.Communities)}").TrimEnd());
        }

        output.WriteLine();

        void Line(string label, string? text)
        {
            if (text is not null)
            {
                output.WriteLine($"  {label,-14}{PlainText.Of(text)}");
            }
        }
    }

    private static string Messages(long all, long updates, long keepalives, long notifications, long bytes) =>
        $"{Units.Count(all)} messages, {Units.Bytes(bytes)}: {Units.Count(updates)} updates, {Units.Count(keepalives)} keepalives, {Units.Count(notifications)} notifications";
}
