using System.Collections.Immutable;
using System.Globalization;
using OrleansCdn.Contracts.Failover;
using OrleansCdn.Failover;

namespace OrleansCdn.Announcer.Failover;

/// <summary>How the failover stands, for reports and the status page.</summary>
/// <param name="HeldBack">Why nothing is announced; null: something is.</param>
/// <param name="Problems">What an operator should look at.</param>
internal sealed record FailoverStanding(FailoverStatus Status, string? HeldBack, ImmutableArray<string> Problems)
{
    /// <param name="machine">As it is now.</param>
    /// <param name="since">Of its phase.</param>
    /// <param name="checks">Of the last round.</param>
    /// <param name="diskFailure">Null: promises can be saved.</param>
    public static FailoverStanding Of(FailoverMachine machine, DateTimeOffset since, ImmutableArray<HealthCheckStatus> checks, string? diskFailure) => new(
        new FailoverStatus
        {
            Phase = machine.Phase,
            Level = machine.Level,
            Since = since,
            Why = machine.Why,
            WaitsFor = WouldGo(machine) ? machine.WaitsFor : null,
            OrdersVersion = machine.OrdersVersion,
            IsDrained = machine.IsDrained,
            Connections = machine.VisitorConnections,
            Promised = machine.Promised,
            Penalty = machine.Penalty,
            IsHeld = machine.IsHeld,
            Checks = checks,
        },
        machine.Level == AnnouncementLevel.Withdrawn ? WhyNothing(machine) : null,
        [.. ProblemsOf(machine, diskFailure)]);

    private static bool WouldGo(FailoverMachine machine) => machine.Level == AnnouncementLevel.Depreferred;

    private static string WhyNothing(FailoverMachine machine) => machine.Phase switch
    {
        FailoverPhase.Cold when machine.Health.Last is { } failure => $"the local edge does not answer its probe yet: {failure.Evidence}",
        FailoverPhase.Cold => string.Create(CultureInfo.InvariantCulture, $"the local edge has answered {Math.Min(machine.Health.Successes, machine.Rise)} of {machine.Rise} probes in a row"),
        FailoverPhase.Warming => "its cache is being warmed",
        FailoverPhase.Held => string.Create(CultureInfo.InvariantCulture, $"it was withdrawn too often of late (penalty {machine.Penalty:0})"),
        _ => $"withdrawn by failover: {machine.Why}",
    };

    private static IEnumerable<string> ProblemsOf(FailoverMachine machine, string? diskFailure)
    {
        if (machine.Phase == FailoverPhase.Announced && machine.Level == AnnouncementLevel.Depreferred)
        {
            yield return machine.Health.Failing is { } failing
                ? $"the local edge fails its check and stays announced, less preferred: {failing.Evidence}{(machine.WaitsFor is { } why ? $"; it is not withdrawn: {why}" : "")}"
                : "the local edge answers again, and is less preferred until it has for long enough";
        }

        if (diskFailure is not null)
        {
            yield return $"promises cannot be saved ({diskFailure}): this server promises nobody to stay, so that others that fail stay announced";
        }
    }
}
