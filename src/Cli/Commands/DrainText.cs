using OrleansCdn.Cli.Output;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Cli.Commands;

/// <summary>What a drain or undrain has done, for people.</summary>
internal static class DrainText
{
    public static string Sentence(DrainReply reply, string? edge, DateTimeOffset now)
    {
        PopDrain drain = reply.Drain;
        string pop = PlainText.Of(drain.Pop);
        if (edge is not null)
        {
            EdgeDrain? known = drain.Edges.FirstOrDefault(other => other.Edge == edge);
            string place = $"Edge {pop}/{PlainText.Of(edge)}";
            return known is null
                ? $"{place} is in service."
                : $"{place} is draining{Until(known.Until)}: its visitors are asked to leave; the PoP's routes and its place in DNS stay.{By(reply, known.Since, known.Who, known.Why, now)}";
        }

        string state = drain.State == DrainState.Draining
            ? $"is draining{Until(drain.Until)}: DNS sends it no more visitors, its routes follow, and connections after them"
            : "is in service: its cache is warmed, then routes and DNS lead visitors to it";
        string window = drain.Window is null ? "" : $" Maintenance {PlainText.Of(drain.Window)} drains it.";
        return $"PoP {pop} {state}.{window}{By(reply, drain.Since, drain.Who, drain.Why, now)}";
    }

    public static int Conclude(CliHost host, DrainReply reply, bool waited, bool json)
    {
        if (!waited)
        {
            if (!json)
            {
                host.Out.WriteLine($"Decision {reply.Epoch} is durable and on its way to the edges. Add --wait to see it arrive.");
            }

            return ExitCode.Done;
        }

        string[] pops = [.. reply.Pops.Where(pop => !pop.IsConfirmed).Select(pop => pop.Pop)];
        if (pops.Length == 0)
        {
            if (!json)
            {
                host.Out.WriteLine($"Decision {reply.Epoch} is in force at {reply.Pops.Length} PoPs, {reply.Pops.Sum(pop => pop.Edges.Length)} edges.");
            }

            return ExitCode.Done;
        }

        IEnumerable<string> edges =
            from pop in reply.Pops
            from edge in pop.Edges
            where !edge.Confirmed
            select $"{pop.Pop}/{edge.Edge} ({(edge.Connected ? "slow" : "not connected")})";
        host.Error.WriteLine($"cdn: decision {reply.Epoch} is durable but not yet confirmed at {string.Join(", ", pops)}: {string.Join(", ", edges)}");
        host.Error.WriteLine("Edges that cannot be reached answer DNS by what they knew before until they hear of it. See 'cdn status'.");
        return ExitCode.Partial;
    }

    private static string Until(DateTimeOffset? until) => until is { } end ? $" until {Units.Time(end)}" : "";

    private static string By(DrainReply reply, DateTimeOffset? since, string? who, string? why, DateTimeOffset now) => reply.Changed || since is null
        ? ""
        : $" It was so already: by {PlainText.Of(who ?? "")}, {Units.Age(now - since.Value)}{(why is null ? "" : $" ({PlainText.Of(why)})")}.";
}
