using System.Globalization;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Contracts.Failover;

namespace OrleansCdn.Grains.Events;

/// <summary>What each source tells, in the words and with the severity that people see. Pure.</summary>
internal static class Happenings
{
    public static NewEvent Decided(PopEligibility pop, long epoch) => new()
    {
        Kind = EventKind.Eligibility,
        Severity = pop.State switch
        {
            EligibilityState.InService => EventSeverity.Info,
            EligibilityState.Draining => EventSeverity.Warning,
            _ => EventSeverity.Problem,
        },
        Pop = pop.Pop,
        What = pop.State switch
        {
            EligibilityState.InService => "DNS sends visitors to the PoP",
            EligibilityState.Draining => "DNS sends no visitors to the PoP: it is drained",
            EligibilityState.WantsOut => "DNS sends no visitors to the PoP: its edges want none",
            EligibilityState.Withdrawn => "DNS sends no visitors to the PoP: its announcers have withdrawn its routes",
            _ => "DNS sends no visitors to the PoP: its edges have gone",
        },
        Why = pop.Detail is null ? $"decision {epoch}" : $"{pop.Detail} (decision {epoch})",
    };

    public static NewEvent Drained(string pop, DrainChange change) => new()
    {
        Kind = change.Action switch
        {
            DrainAction.Drain => EventKind.Drain,
            DrainAction.Undrain => EventKind.Undrain,
            DrainAction.Pin => EventKind.Pin,
            _ => EventKind.Unpin,
        },
        Severity = change.Action is DrainAction.Drain or DrainAction.Pin ? EventSeverity.Warning : EventSeverity.Info,
        Pop = pop,
        Edge = change.Edge,
        What = Words(change),
        Why = change.Why,
        Who = change.Who,
    };

    /// <param name="pop">Id.</param>
    /// <param name="server">Whose announcer tells it.</param>
    /// <param name="note">What it tells.</param>
    /// <param name="now">When it came.</param>
    public static NewEvent FailedOver(string pop, string server, FailoverNote note, DateTimeOffset now) => new()
    {
        When = now - note.Ago,
        Kind = EventKind.Failover,
        Severity = (note.From, note.To) switch
        {
            var (from, to) when from == to => EventSeverity.Info,
            (FailoverPhase.Announced, FailoverPhase.Withdrawn) => EventSeverity.Problem,
            (_, FailoverPhase.Withdrawn or FailoverPhase.Draining or FailoverPhase.Held) => EventSeverity.Warning,
            _ => EventSeverity.Info,
        },
        Pop = pop,
        Edge = server,
        What = note.To switch
        {
            var to when to == note.From => $"still {Name(to)}",
            FailoverPhase.Announced => "its routes are announced",
            FailoverPhase.Withdrawn when note.From is FailoverPhase.Announced or FailoverPhase.Draining => "its routes are withdrawn",
            var to => Name(to),
        },
        Why = note.What,
    };

    private static string Name(FailoverPhase phase) => phase switch
    {
        FailoverPhase.Cold => "not announced yet",
        FailoverPhase.Warming => "its cache is being warmed before its routes are announced",
        FailoverPhase.Announced => "announced",
        FailoverPhase.Draining => "its routes are less preferred: it drains",
        FailoverPhase.Withdrawn => "withdrawn",
        _ => "held back: it came and went too often",
    };

    /// <summary>Notes of an announcer that said more than people could read.</summary>
    public static NewEvent FailoverNotesLeftOut(string pop, string server, int notes) => new()
    {
        Kind = EventKind.EventsDropped,
        Severity = EventSeverity.Warning,
        Pop = pop,
        Edge = server,
        What = "the announcer has more to tell than is written down",
        Why = $"{notes} changes of its routes were left out",
    };

    /// <summary>Null: the drain that begins or ends with it says it all.</summary>
    public static NewEvent? Planned(MaintenanceWindow window, bool isNew)
    {
        string? what = window switch
        {
            _ when isNew => $"maintenance {window.Id} is planned from {UtcText.Of(window.From)} until {UtcText.Of(window.Until)}",
            { State: MaintenanceState.Planned, Detail: { } detail } => $"maintenance {window.Id} does not begin: {detail}; it is tried until {UtcText.Of(window.Until)}",
            { State: MaintenanceState.Missed } => $"maintenance {window.Id} never began: {window.Detail}",
            { State: MaintenanceState.Removed } => $"maintenance {window.Id} is off: {window.Detail}",
            _ => null,
        };
        return what is null ? null : new NewEvent
        {
            Kind = EventKind.Maintenance,
            Severity = isNew || window.State == MaintenanceState.Removed ? EventSeverity.Info : EventSeverity.Warning,
            Pop = window.Pop,
            What = what,
            Why = window.Why,
            Who = window.EndedBy ?? window.Who,
        };
    }

    private static string Words(DrainChange change)
    {
        string what = change.Edge is { } edge ? $"edge {edge}" : "PoP";
        string done = change.Action switch
        {
            DrainAction.Drain => "drained",
            DrainAction.Undrain => "put in service again",
            DrainAction.Pin => $"pinned {change.Pin.ToString().ToLowerInvariant()}",
            _ => "pinned no more",
        };
        string until = change.Until is { } end ? $" until {UtcText.Of(end)}" : "";
        string how = change switch
        {
            { Window: { } window, Action: DrainAction.Drain } => $" for maintenance {window}",
            { Window: { } window } => $", maintenance {window} is over",
            { ByTime: true } => ", its time is over",
            _ => "",
        };
        string forced = change.Forced ? ", although no other was in service" : "";
        return $"{what} {done}{until}{how}{forced} (change {change.Version})";
    }

    public static NewEvent Applied(ConfigVersionInfo version) => new()
    {
        Kind = version.RolledBackTo is null ? EventKind.Config : EventKind.Rollback,
        Severity = version.RolledBackTo is null ? EventSeverity.Info : EventSeverity.Warning,
        What = $"config version {version.Version} is in force{(version.RolledBackTo is { } old ? $", which is version {old} again" : "")}: {version.Changes} changes",
        Why = version.Why,
        Who = version.Who,
    };

    public static NewEvent Routed(string pop, string upstream, IntentVersion version) => new()
    {
        Kind = EventKind.Route,
        Severity = version.Forced || version.RpkiOverridden ? EventSeverity.Warning : EventSeverity.Info,
        Pop = pop,
        Upstream = upstream,
        What = $"routes changed (version {version.Version}): {version.What}",
        Why = version.Why,
        Who = version.Who,
    };

    public static NewEvent EdgeConnected(string pop, string edge, string instance, string? older) => new()
    {
        Kind = older is null ? EventKind.EdgeConnected : EventKind.EdgeReplaced,
        Severity = older is null ? EventSeverity.Info : EventSeverity.Warning,
        Pop = pop,
        Edge = edge,
        What = older is null ? "edge connected" : "edge connected, and an older connection under its name ended",
        Why = Instances(instance, older),
    };

    public static NewEvent EdgeDisconnected(string pop, string edge, EdgeDeparture departure) => new()
    {
        Kind = departure == EdgeDeparture.Left ? EventKind.EdgeLeft : EventKind.EdgeLost,
        Severity = departure == EdgeDeparture.Left ? EventSeverity.Info : EventSeverity.Problem,
        Pop = pop,
        Edge = edge,
        What = departure == EdgeDeparture.Left ? "edge stops" : "edge is not connected any more",
        Why = departure == EdgeDeparture.Left ? "it has said so" : "its connection ended without a word; it goes on serving with what it has, if it runs",
    };

    public static NewEvent EdgeSilent(string pop, string edge) => EdgeDisconnected(pop, edge, EdgeDeparture.Lost) with { Why = "the silo that it was connected to is silent" };

    public static NewEvent AnnouncerConnected(string pop, string edge, string instance, string? older) => new()
    {
        Kind = older is null ? EventKind.AnnouncerConnected : EventKind.AnnouncerReplaced,
        Severity = older is null ? EventSeverity.Info : EventSeverity.Warning,
        Pop = pop,
        Edge = edge,
        What = older is null ? "announcer connected" : "announcer connected, and an older connection under its name ended",
        Why = Instances(instance, older),
    };

    public static NewEvent AnnouncerLost(string pop, string edge, string why) => new()
    {
        Kind = EventKind.AnnouncerLost,
        Severity = EventSeverity.Warning,
        Pop = pop,
        Edge = edge,
        What = "announcer is not connected any more",
        Why = why,
    };

    public static NewEvent Keyed(string zone, DnsKeyEntry entry) => new()
    {
        Kind = EventKind.DnsKeys,
        Severity = entry.Forced ? EventSeverity.Warning : EventSeverity.Info,
        What = $"zone {zone}: {entry.What}",
        Why = entry.Why,
        Who = entry.Who,
    };

    public static NewEvent WebhookFailing(string name, WebhookFailure failure, bool isRefused) => new()
    {
        Kind = EventKind.WebhookFailing,
        Severity = isRefused ? EventSeverity.Problem : EventSeverity.Warning,
        Webhook = name,
        What = $"webhook {name} {(isRefused ? "takes nothing until it is mended" : "takes nothing")}; what happens is kept for it and tried again",
        Why = failure.Evidence,
    };

    public static NewEvent WebhookRestored(string name, int failures) => new()
    {
        Kind = EventKind.WebhookRestored,
        Severity = EventSeverity.Info,
        Webhook = name,
        What = $"webhook {name} takes deliveries again",
        Why = $"after {failures} failed attempts",
    };

    public static NewEvent WebhookMissed(string name, long missed) => new()
    {
        Kind = EventKind.WebhookMissed,
        Severity = EventSeverity.Warning,
        Webhook = name,
        What = $"events were forgotten before webhook {name} could be told of them",
        Why = $"{missed} of all kinds",
    };

    private static string Instances(string instance, string? older) =>
        older is null || older == instance ? $"instance {instance}" : $"instance {instance}, before it {older}";
}
