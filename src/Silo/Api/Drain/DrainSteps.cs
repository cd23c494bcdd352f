using System.Collections.Immutable;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Contracts.Failover;

namespace OrleansCdn.Silo.Api.Drain;

/// <summary>The steps of a drain and of its way back, as they stand by what is known. Pure; decides nothing.</summary>
/// <remarks>
/// <code>
/// drain      DNS → less preferred → withdrawn → connections
/// undrain    cache warm → announced → DNS
/// </code>
/// One edge of several: DNS, where it has an address of its own, and connections. Where nobody announces there are no routes to wait for.
/// </remarks>
internal static class DrainSteps
{
    public static DrainProgressReply Of(DrainSight sight)
    {
        bool isOut = sight.Edge is { } edge ? sight.Drain.Edges.Any(drain => drain.Edge == edge) : sight.Drain.State == DrainState.Draining;
        return new DrainProgressReply
        {
            Drain = sight.Drain,
            Edge = sight.Edge,
            Towards = isOut ? DrainAction.Drain : DrainAction.Undrain,
            Steps = isOut ? Out(sight) : Back(sight),
        };
    }

    private static ImmutableArray<DrainStepView> Out(DrainSight sight)
    {
        DrainStepView dns = Dns(sight, isWanted: sight.Edge is null ? sight.Eligibility is { IsEligible: false } : sight.IsEdgeOut, "the decision is being made");
        if (sight.Edge is not null || sight.Announcers.IsEmpty)
        {
            return [dns, Connections(sight)];
        }

        DrainStepView deprefer = Deprefer(sight);
        DrainStepView withdraw = Withdraw(sight);
        DrainStepView connections = withdraw.State == DrainStepState.Done
            ? WithdrawnConnections(sight)
            : new DrainStepView(DrainStepKind.Connections, DrainStepState.Pending, "");
        return [dns, deprefer, withdraw, connections];
    }

    private static ImmutableArray<DrainStepView> Back(DrainSight sight)
    {
        DrainStepView dns = Dns(sight, isWanted: sight.Edge is null ? sight.Eligibility is null or { IsEligible: true } : !sight.IsEdgeOut, Why(sight.Eligibility));
        if (sight.Edge is not null || sight.Announcers.IsEmpty)
        {
            return [dns];
        }

        DrainStepView warm = WarmUp(sight);
        return
        [
            warm,
            warm.State == DrainStepState.Done ? Announce(sight) : new DrainStepView(DrainStepKind.Announce, DrainStepState.Pending, ""),
            dns,
        ];
    }

    private static string Why(PopEligibility? eligibility) => eligibility?.State switch
    {
        EligibilityState.Gone => $"its edges have gone{Because(eligibility)}",
        EligibilityState.WantsOut => $"its edges want no visitors{Because(eligibility)}",
        _ => $"DNS sends it no visitors yet{Because(eligibility)}",
    };

    private static string Because(PopEligibility? eligibility) => eligibility?.Detail is { } detail ? $": {detail}" : "";

    /// <summary>Edges that no silo hears hold nothing up: nobody knows when they come back, and they are named.</summary>
    private static DrainStepView Dns(DrainSight sight, bool isWanted, string otherwise)
    {
        if (!isWanted)
        {
            return new DrainStepView(DrainStepKind.Dns, sight.Eligibility?.State is EligibilityState.InService or EligibilityState.Draining ? DrainStepState.UnderWay : DrainStepState.HeldBack, otherwise);
        }

        string[] slow = [.. Names(edge => edge is { Connected: true, Confirmed: false })];
        string[] away = [.. Names(edge => edge is { Connected: false, Confirmed: false })];
        string unheard = away.Length == 0 ? "" : $"; not connected, and answering by what they knew: {string.Join(", ", away)}";
        return slow.Length > 0
            ? new DrainStepView(DrainStepKind.Dns, DrainStepState.UnderWay, $"waits for {string.Join(", ", slow)}{unheard}")
            : new DrainStepView(DrainStepKind.Dns, DrainStepState.Done, $"decision {sight.Epoch} is in force at {sight.Confirmations.Sum(pop => pop.Edges.Count(edge => edge.Confirmed))} edges{unheard}");

        IEnumerable<string> Names(Func<EligibilityEdgeState, bool> which) =>
            from pop in sight.Confirmations from edge in pop.Edges where which(edge) select $"{pop.Pop}/{edge.Edge}";
    }

    /// <summary>Has the announcer these orders?</summary>
    private static bool HasHeard(DrainSight sight, FailoverServer server) => server.Status is { } status && status.OrdersVersion >= sight.Drain.OrdersVersion;

    private static DrainStepView Deprefer(DrainSight sight) => Of(sight, DrainStepKind.Deprefer, server =>
        server.Status is { Level: not AnnouncementLevel.Normal } && HasHeard(sight, server)
            ? (DrainStepState.Done, "upstreams prefer other ways", null)
            : NotHeard(sight, server) ?? (DrainStepState.UnderWay, "it is being told", null));

    private static DrainStepView Withdraw(DrainSight sight) => Of(sight, DrainStepKind.Withdraw, server =>
    {
        if (NotHeard(sight, server) is { } not)
        {
            return not;
        }

        FailoverStatus status = server.Status!;
        if (status.Level == AnnouncementLevel.Withdrawn)
        {
            return (DrainStepState.Done, "the routes are withdrawn", null);
        }

        int left = Left(status.Since + sight.Policy.DepreferFor, sight.Now);
        return status.WaitsFor is { } waits ? (DrainStepState.HeldBack, waits, null)
            : status.Phase != FailoverPhase.Draining ? (DrainStepState.UnderWay, "it is being told", null)
            : left > 0 ? (DrainStepState.UnderWay, $"in {left} s, when DNS caches have forgotten it", left)
            : (DrainStepState.UnderWay, "asks others to stay", null);
    });

    private static DrainStepView WithdrawnConnections(DrainSight sight) => Of(sight, DrainStepKind.Connections, server =>
    {
        FailoverStatus status = server.Status!;
        if (status.IsDrained)
        {
            return (DrainStepState.Done, status.Connections is { } few and > 0 ? $"{few} are left, their time is over" : "none are left", null);
        }

        int left = Left(status.Since + sight.Policy.ConnectionsFor, sight.Now);
        return (DrainStepState.UnderWay, $"{(status.Connections is { } open ? $"{open} open" : "some may be open")}, {left} s at most", left);
    });

    private static DrainStepView Connections(DrainSight sight)
    {
        (string Edge, long Connections)[] open = [.. sight.Connections.Where(at => sight.Edge is null || at.Edge == sight.Edge)];
        DateTimeOffset? since = sight.Edge is { } edge ? sight.Drain.Edges.FirstOrDefault(drain => drain.Edge == edge)?.Since : sight.Drain.Since;
        int left = since is { } begun ? Left(begun + sight.Policy.DepreferFor + sight.Policy.ConnectionsFor, sight.Now) : 0;
        long count = open.Sum(at => at.Connections);
        return open.Length > 0 && count == 0 ? new DrainStepView(DrainStepKind.Connections, DrainStepState.Done, "none are left")
            : left == 0 ? new DrainStepView(DrainStepKind.Connections, DrainStepState.Done, open.Length == 0 ? "their time is over" : $"{count} are left, their time is over")
            : new DrainStepView(DrainStepKind.Connections, DrainStepState.UnderWay, $"{(open.Length == 0 ? "not known how many are open" : $"{count} open")}, {left} s at most", left);
    }

    private static DrainStepView WarmUp(DrainSight sight) => AnyOf(sight, DrainStepKind.WarmUp, server =>
    {
        if (NotHeard(sight, server) is { } not)
        {
            return not;
        }

        FailoverStatus status = server.Status!;
        int left = Left(status.Since + sight.Policy.WarmFor, sight.Now);
        return status.Phase switch
        {
            FailoverPhase.Announced or FailoverPhase.Draining => (DrainStepState.Done, status.Why, null),
            FailoverPhase.Warming => (DrainStepState.UnderWay, $"is under way, {left} s at most", left),
            FailoverPhase.Held => (DrainStepState.HeldBack, $"{status.Why}; it waits until that has faded", null),
            _ => (DrainStepState.HeldBack, status.Why, null),
        };
    });

    private static DrainStepView Announce(DrainSight sight) => AnyOf(sight, DrainStepKind.Announce, server => server.Status switch
    {
        { Level: AnnouncementLevel.Normal } => (DrainStepState.Done, "upstreams have its routes", null),
        { } status => (DrainStepState.HeldBack, status.Why, null),
        null => NotHeard(sight, server)!.Value,
    });

    private static (DrainStepState State, string Detail, int? Left)? NotHeard(DrainSight sight, FailoverServer server) => server switch
    {
        { Connected: false } => (DrainStepState.HeldBack, "is not connected: its routes stay as they are", null),
        { Status: null } => (DrainStepState.HeldBack, "says nothing of failover: its software is older", null),
        _ when !HasHeard(sight, server) => (DrainStepState.UnderWay, "it is being told", null),
        _ => null,
    };

    /// <summary>As far as the one that is behind.</summary>
    private static DrainStepView Of(DrainSight sight, DrainStepKind step, Func<FailoverServer, (DrainStepState State, string Detail, int? Left)> look) =>
        One(step, [.. sight.Announcers.Select(server => (server, look(server)))], found => found.MinBy(at => Rank(at.Found.State)));

    /// <summary>As far as the one that is ahead: a PoP is announced while one of its servers is.</summary>
    private static DrainStepView AnyOf(DrainSight sight, DrainStepKind step, Func<FailoverServer, (DrainStepState State, string Detail, int? Left)> look) =>
        One(step, [.. sight.Announcers.Select(server => (server, look(server)))], found => found.MaxBy(at => Rank(at.Found.State)));

    private static DrainStepView One(
        DrainStepKind step,
        (FailoverServer Server, (DrainStepState State, string Detail, int? Left) Found)[] found,
        Func<(FailoverServer Server, (DrainStepState State, string Detail, int? Left) Found)[], (FailoverServer Server, (DrainStepState State, string Detail, int? Left) Found)> choose)
    {
        (FailoverServer server, (DrainStepState state, string detail, int? left)) = choose(found);
        return new DrainStepView(step, state, found.Length == 1 ? detail : $"{server.Server}: {detail}", left);
    }

    private static int Rank(DrainStepState state) => state switch
    {
        DrainStepState.HeldBack => 0,
        DrainStepState.Pending => 1,
        DrainStepState.UnderWay => 2,
        _ => 3,
    };

    private static int Left(DateTimeOffset end, DateTimeOffset now) => (int)Math.Ceiling(Math.Max(0, (end - now).TotalSeconds));
}
