using OrleansCdn.Cli.Output;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Contracts.Failover;
using Spectre.Console;

namespace OrleansCdn.Cli.Commands;

/// <summary>The health of servers for people: a paragraph for each, its conclusion first.</summary>
internal static class HealthText
{
    public static void Write(CliHost host, HealthReply health, bool onlyFailing)
    {
        if (health.ConfigVersion == 0)
        {
            host.Out.WriteLine("No config yet. Apply one with 'cdn apply FILE'.");
        }

        foreach (HealthPop pop in health.Pops)
        {
            foreach (HealthServer server in pop.Servers)
            {
                Write(host, health.When, pop, server, onlyFailing);
            }
        }
    }

    private static void Write(CliHost host, DateTimeOffset now, HealthPop pop, HealthServer server, bool onlyFailing)
    {
        host.Console.MarkupLine($"[bold]{Markup.Escape($"{pop.Pop}/{server.Server}")}[/]  {Verdict(server.Verdict)}  {Markup.Escape(Routes(server, now))}");
        HealthCheckStatus[] checks = [.. (server.Failover?.Checks ?? []).Where(check => !onlyFailing || !check.IsOk)];
        if (checks.Length > 0)
        {
            var table = new Table().Border(TableBorder.None).HideHeaders().AddColumns("", "", "", "");
            foreach (HealthCheckStatus check in checks)
            {
                table.AddRow(
                    check.IsOk ? "  [green]ok[/]" : check.IsHard ? "  [red]FAILS[/]" : "  [yellow]look[/]",
                    Markup.Escape(PlainText.Of(check.Check)),
                    Units.Span(Age(now, check.Since)),
                    Markup.Escape(PlainText.Of(check.Evidence)));
            }

            host.Console.Write(table);
        }

        foreach (string line in Lines(pop, server, now))
        {
            host.Out.WriteLine($"  {line}");
        }
    }

    private static IEnumerable<string> Lines(HealthPop pop, HealthServer server, DateTimeOffset now)
    {
        if (!server.EdgeConnected)
        {
            yield return $"its edge is not connected to a silo{Seen(server.EdgeLastSeen, now)}";
        }

        if (server.AnnouncerConnected == false)
        {
            yield return $"its announcer is not connected to a silo{Seen(server.AnnouncerLastSeen, now)}{(server.Failover is null ? "" : "; what is shown is what it said last")}";
        }

        if (server.Failover?.WaitsFor is { } waits)
        {
            yield return $"stays announced: {PlainText.Of(waits)}";
        }

        string[] silent = [.. server.SeenBy.Where(seen => !seen.Answers).Select(seen => PlainText.Of(seen.By))];
        string[] answered = [.. server.SeenBy.Where(seen => seen.Answers).Select(seen => PlainText.Of(seen.By))];
        if (server.SeenBy.Length > 0)
        {
            yield return silent.Length == 0 ? $"its edge answers {string.Join(", ", answered)}"
                : $"its edge does not answer {string.Join(", ", silent)}{(answered.Length == 0 ? "" : $", and answers {string.Join(", ", answered)}")}";
        }

        foreach (SickOrigin origin in server.SickOrigins)
        {
            yield return $"site {PlainText.Of(origin.Site)}: origin {PlainText.Of(origin.Origin)} is sick{(origin.Why is { } why ? $" ({PlainText.Of(why)})" : "")}";
        }

        if (pop.Eligibility is { IsEligible: false } out1)
        {
            yield return $"DNS sends nobody to {PlainText.Of(pop.Pop)} for {Units.Span(Age(now, out1.Since))}{(out1.Detail is { } detail ? $": {PlainText.Of(detail)}" : "")}";
        }
    }

    private static string Verdict(HealthVerdict verdict) => verdict switch
    {
        HealthVerdict.Ok => "[green]well[/]",
        HealthVerdict.NeedsLook => "[yellow]needs a look[/]",
        HealthVerdict.Failing => "[red]failing[/]",
        _ => "[red]not known[/]",
    };

    /// <summary>What BGP makes of it.</summary>
    private static string Routes(HealthServer server, DateTimeOffset now)
    {
        if (server.AnnouncerConnected is null)
        {
            return "announces nothing";
        }

        string sessions = $"{server.Established} of {server.Sessions} sessions";
        return server.Failover is not { } failover ? sessions : $"{Phase(failover)} for {Units.Span(Age(now, failover.Since))} ({PlainText.Of(failover.Why)}), {sessions}";
    }

    private static string Phase(FailoverStatus failover) => failover switch
    {
        { Phase: FailoverPhase.Announced, Level: AnnouncementLevel.Depreferred } => "announced, less preferred",
        _ => failover.Phase.ToString().ToLowerInvariant(),
    };

    private static string Seen(DateTimeOffset? seen, DateTimeOffset now) => seen is { } at ? $", seen {Units.Age(Age(now, at))}" : ", never seen";

    private static TimeSpan Age(DateTimeOffset now, DateTimeOffset since) => now > since ? now - since : TimeSpan.Zero;
}
