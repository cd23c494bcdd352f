using System.Collections.Immutable;
using OrleansCdn.Contracts.Failover;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Silo.Feed;

/// <summary>What an announcer's report may hold: it is kept, and shown on terminals.</summary>
internal static class ReportCheck
{
    /// <summary>64 upstreams of 16 sessions, as <see cref="AnnouncerProtocol.MaxAnnouncerLineBytes"/> counts.</summary>
    public const int MaxSessions = 1024;

    /// <summary>Routes of one session: four times what the same place counts.</summary>
    public const int MaxRoutes = 256;

    /// <summary>A shutdown text of RFC 9003 has up to 255 bytes, an error of a socket less.</summary>
    private const int MaxTextLength = 1024;

    private const int MaxTexts = 64;

    /// <returns>What is wrong; null: nothing.</returns>
    public static string? Refuse(AnnouncerReport report)
    {
        if (report.Sessions.Length > MaxSessions)
        {
            return $"a report has at most {MaxSessions} sessions";
        }

        foreach (ObservedSession session in report.Sessions)
        {
            if (session is null || session.Advertised.Length > MaxRoutes || session.Advertised.Any(r => r is null || r.Communities.IsDefault))
            {
                return $"a session has at most {MaxRoutes} routes, each with its communities";
            }

            if (!HelloCheck.IsName(session.Upstream) || !HelloCheck.IsName(session.Neighbor) || !Enum.IsDefined(session.State))
            {
                return "a session has an upstream, a neighbor and a state";
            }
        }

        if (report.Failover is { } failover
            && (!Enum.IsDefined(failover.Phase) || !Enum.IsDefined(failover.Level) || failover.OrdersVersion < 0 || !double.IsFinite(failover.Penalty)
                || failover.Checks.Any(check => check is null)))
        {
            return "failover has a phase, a level, the version of its orders, a penalty and checks";
        }

        return !HelloCheck.IsName(report.Epoch.Length == 0 ? "-" : report.Epoch) || report.ConfigVersion < 0 ? "epoch or configVersion is out of range" : null;
    }

    /// <summary>With lists where the reader has left none, and texts within their bounds.</summary>
    public static AnnouncerReport Complete(AnnouncerReport report) => report with
    {
        HeldBack = Text(report.HeldBack),
        Failover = report.Failover is { } failover ? Complete(failover) : null,
        Problems = Texts(report.Problems),
        Sessions = [.. report.Sessions.Select(s => s with
        {
            LocalAddress = Text(s.LocalAddress),
            PeerRouterId = Text(s.PeerRouterId),
            PeerCapabilities = Texts(s.PeerCapabilities),
            LastError = s.LastError is { } error ? error with { Text = Text(error.Text) ?? "" } : null,
        })],
    };

    private static FailoverStatus Complete(FailoverStatus failover) => failover with
    {
        Why = Text(failover.Why) ?? "",
        WaitsFor = Text(failover.WaitsFor),
        Promised = Texts(failover.Promised),
        Checks = [.. failover.Checks.Take(MaxTexts).Select(check => check with { Check = Text(check.Check) ?? "", Evidence = Text(check.Evidence) ?? "" })],
    };

    private static ImmutableArray<string> Texts(ImmutableArray<string> texts) =>
        texts.IsDefaultOrEmpty ? [] : [.. texts.Take(MaxTexts).Select(t => Text(t) ?? "")];

    /// <summary>Without control characters, and not longer than this.</summary>
    public static string? Text(string? text, int length = MaxTextLength) =>
        text is null ? null : string.Concat(text.Take(length).Select(c => char.IsControl(c) ? '?' : c));
}
