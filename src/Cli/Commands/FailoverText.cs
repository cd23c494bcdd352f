using System.Globalization;
using OrleansCdn.Cli.Output;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Failover;
using Spectre.Console;

namespace OrleansCdn.Cli.Commands;

/// <summary>How failover stands, for people: a table of servers, then what needs a look, one line each.</summary>
internal static class FailoverText
{
    public static void Write(CliHost host, FailoverReply reply)
    {
        if (reply.Pops.All(pop => pop.Servers.IsEmpty))
        {
            host.Out.WriteLine(reply.ConfigVersion == 0 ? "No config yet. Apply one with 'cdn apply FILE'." : "No PoP of the config has upstreams: nothing is announced.");
            return;
        }

        DateTimeOffset now = host.Time.GetUtcNow();
        Table table = new Table().Border(TableBorder.Rounded).AddColumns("PoP", "Server", "Routes", "For", "Why");
        foreach ((FailoverPop pop, FailoverServer server) in Servers(reply))
        {
            table.AddRow(
                Markup.Escape(pop.Pop),
                Markup.Escape(server.Server),
                Routes(server),
                server.Status is { } status ? Units.Span(now - status.Since) : "-",
                Markup.Escape(server.Status is { } known ? PlainText.Of(known.Why) : ""));
        }

        host.Console.Write(table);
        foreach (FailoverPop pop in reply.Pops)
        {
            if (pop.Drain?.Pin is { } pin)
            {
                host.Out.WriteLine($"{PlainText.Of(pop.Pop)}: {Pinned(pin, now)}");
            }
        }

        foreach ((FailoverPop pop, FailoverServer server) in Servers(reply))
        {
            foreach (string line in Lines(pop, server, now))
            {
                host.Out.WriteLine($"{PlainText.Of(pop.Pop)}/{PlainText.Of(server.Server)}: {line}");
            }
        }
    }

    /// <summary>How one server's routes are, in a word or two.</summary>
    public static string Word(FailoverStatus? status) => status switch
    {
        null => "not known",
        { Phase: FailoverPhase.Announced, Level: AnnouncementLevel.Depreferred } => "less preferred",
        { Phase: FailoverPhase.Announced } => "announced",
        { Phase: FailoverPhase.Cold } => "not announced yet",
        { Phase: FailoverPhase.Warming } => "warming its cache",
        { Phase: FailoverPhase.Draining } => "draining",
        { IsDrained: true } => "drained",
        { Phase: FailoverPhase.Withdrawn } => "withdrawn",
        _ => "held back",
    };

    public static string Sentence(DrainReply reply, DateTimeOffset now)
    {
        PopDrain drain = reply.Drain;
        string already = reply.Changed ? "" : " It was so already.";
        return drain.Pin is { } pin
            ? $"PoP {PlainText.Of(drain.Pop)} is {Pinned(pin, now)}.{already}"
            : $"PoP {PlainText.Of(drain.Pop)} is not pinned: probes and drains decide about its routes.{already}";
    }

    private static IEnumerable<(FailoverPop Pop, FailoverServer Server)> Servers(FailoverReply reply) =>
        reply.Pops.SelectMany(pop => pop.Servers.Select(server => (pop, server)));

    private static string Routes(FailoverServer server)
    {
        string word = Word(server.Status);
        string colour = server.Status switch
        {
            { Phase: FailoverPhase.Announced, Level: AnnouncementLevel.Normal } => "green",
            null or { Phase: FailoverPhase.Withdrawn, IsDrained: false } => "red",
            _ => "yellow",
        };
        return $"[{colour}]{Markup.Escape(word)}[/]";
    }

    private static string Pinned(PopPin pin, DateTimeOffset now) =>
        $"pinned {pin.Pin.ToString().ToLowerInvariant()} by {PlainText.Of(pin.Who)}, {Units.Age(now - pin.Since)}{(pin.Why is { } why ? $": {PlainText.Of(why)}" : "")}";

    private static IEnumerable<string> Lines(FailoverPop pop, FailoverServer server, DateTimeOffset now)
    {
        if (!server.Connected)
        {
            yield return server.LastSeen is { } seen
                ? $"its announcer is not connected, last seen {Units.Age(now - seen)}; it goes on with what it has, if it runs"
                : "its announcer was not seen since the silo's start";
        }

        if (server.Status is not { } status)
        {
            if (server.Connected)
            {
                yield return "its announcer is of older software and says nothing of failover";
            }

            yield break;
        }

        if (status.WaitsFor is { } waits)
        {
            yield return $"would withdraw, and waits: {PlainText.Of(waits)}";
        }

        if (!status.Promised.IsEmpty)
        {
            yield return $"has promised to stay for {string.Join(", ", status.Promised.Select(PlainText.Of))}";
        }

        if (status.Penalty >= 1)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"penalty {status.Penalty:0} for its changes{(status.IsHeld ? ", for which it is held back" : "")}");
        }

        if (pop.Drain is { } drain && status.OrdersVersion != drain.OrdersVersion)
        {
            yield return status.OrdersVersion < drain.OrdersVersion
                ? $"has not confirmed the last orders yet ({status.OrdersVersion}, in force are {drain.OrdersVersion})"
                : $"has orders of a database that is lost ({status.OrdersVersion}): an undrain or unpin takes them back";
        }

        foreach (HealthCheckStatus check in status.Checks.Where(check => !check.IsOk))
        {
            yield return $"{PlainText.Of(check.Check)} fails for {Units.Span(now - check.Since)}{(check.IsHard ? "" : " (withdraws nothing)")}: {PlainText.Of(check.Evidence)}";
        }
    }
}
