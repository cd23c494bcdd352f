using System.CommandLine;
using OrleansCdn.Cli.Api;
using OrleansCdn.Cli.Output;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Routing;
using Spectre.Console;

namespace OrleansCdn.Cli.Commands.Routing;

/// <summary><c>cdn bgp sessions</c>: state, uptime, timers, last error in words, counters.</summary>
internal static class BgpSessionsCommand
{
    // Announcers report at most once a second.
    private static readonly TimeSpan AskEvery = TimeSpan.FromSeconds(1);

    public static Command Create(CliHost host)
    {
        var api = new ApiOptions(host);
        Argument<string?> where = RoutePlace.OptionalArgument();
        var detail = new Option<bool>("--detail") { Description = "All that is known of each: addresses, capabilities, every counter, what is announced" };
        var watch = new Option<bool>("--watch") { Description = "Go on until Ctrl-C" };
        var command = new Command(
            "sessions", "List BGP sessions: state and since when, timers, routes, counters, the last error. Ends with 3 when one is not Established.") { where, detail, watch };
        api.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            RoutePlace place = RoutePlace.Parse(parsed.GetValue(where)!);
            using ApiClient client = api.Connect(parsed);
            if (parsed.GetValue(watch))
            {
                await WatchAsync(host, client, place, cancellationToken);
                return ExitCode.Done;
            }

            BgpSessionsReply reply = await client.BgpSessionsAsync(place.PopFilter, place.Upstream, cancellationToken);
            if (parsed.GetValue(api.Json))
            {
                host.WriteJson(reply, ContractsJson.Default.BgpSessionsReply);
            }
            else if (reply.Sessions.IsEmpty)
            {
                host.Out.WriteLine("No announcer has reported a session.");
            }
            else if (parsed.GetValue(detail))
            {
                foreach (BgpSessionState at in reply.Sessions)
                {
                    BgpSessionDetail.Write(host.Out, at, reply.When);
                }
            }
            else
            {
                host.Console.Write(Table(reply));
                WriteErrors(host, reply);
            }

            if (!reply.Missing.IsEmpty)
            {
                host.Error.WriteLine("cdn: not connected: " + string.Join(", ", reply.Missing.Select(PlainText.Of)));
            }

            return reply.Missing.IsEmpty && reply.Sessions.All(s => s.Session.State == BgpState.Established) ? ExitCode.Done : ExitCode.Partial;
        });
        return command.WithExamples(
            "cdn bgp sessions",
            "cdn bgp sessions lax --watch",
            "cdn bgp sessions lax/vultr --detail",
            "cdn bgp sessions --json | jq '.sessions[].session | select(.state != \"Established\") | {neighbor, lastError}'");
    }

    private static Task WatchAsync(CliHost host, ApiClient client, RoutePlace place, CancellationToken cancellationToken)
    {
        if (!host.Interactive)
        {
            throw new CommandFailure(ExitCode.Usage, "--watch is for a terminal", "Leave it out, and ask again from the script.");
        }

        return host.Console.Live(new Text("")).StartAsync(async live =>
        {
            while (true)
            {
                live.UpdateTarget(Table(await client.BgpSessionsAsync(place.PopFilter, place.Upstream, cancellationToken)));
                live.Refresh();
                await Task.Delay(AskEvery, host.Time, cancellationToken);
            }
        });
    }

    private static Table Table(BgpSessionsReply reply)
    {
        Table table = new Table().Border(TableBorder.Rounded).AddColumns("PoP", "Server", "Upstream", "Neighbor", "AS", "State", "For", "Hold/keepalive");
        foreach (string column in (string[])["Routes", "Messages in/out", "Updates in/out", "Established", "Last error"])
        {
            table.AddColumn(new TableColumn(column).RightAligned());
        }

        foreach (BgpSessionState at in reply.Sessions)
        {
            ObservedSession session = at.Session;
            table.AddRow(
                Markup.Escape(at.Pop),
                Markup.Escape(at.Edge) + (at.Connected ? "" : " [red](lost)[/]"),
                Markup.Escape(session.Upstream),
                Markup.Escape(session.Neighbor),
                $"{session.PeerAsn}",
                State(session, reply.When),
                BgpText.Duration(reply.When - session.Since),
                BgpText.Timers(session) ?? "-",
                $"{session.Advertised.Length}",
                $"{Units.Count(session.Counters.MessagesIn)} / {Units.Count(session.Counters.MessagesOut)}",
                $"{Units.Count(session.Counters.UpdatesIn)} / {Units.Count(session.Counters.UpdatesOut)}",
                $"{session.Counters.Established}×",
                session.LastError is { } error ? Markup.Escape($"{BgpText.Duration(reply.When - error.When)} ago") : "-");
        }

        return table;
    }

    private static string State(ObservedSession session, DateTimeOffset now) => session switch
    {
        { State: BgpState.Established } => "[green]Established[/]",
        { NextAttempt: { } next } when next > now => $"[red]{session.State}[/], again in {BgpText.Duration(next - now)}",
        _ => $"[red]{session.State}[/]",
    };

    /// <summary>In full below the table: they are what one looks for.</summary>
    private static void WriteErrors(CliHost host, BgpSessionsReply reply)
    {
        foreach (BgpSessionState at in reply.Sessions)
        {
            if (at.Session.LastError is { } error)
            {
                host.Out.WriteLine(
                    $"{at.Pop}/{at.Edge} {PlainText.Of(at.Session.Upstream)} {PlainText.Of(at.Session.Neighbor)}: {BgpText.Error(error)} ({Units.Time(error.When)})");
            }
        }
    }
}
