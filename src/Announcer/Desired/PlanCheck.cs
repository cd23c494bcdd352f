using OrleansCdn.Contracts.Failover;

namespace OrleansCdn.Announcer.Desired;

/// <summary>
/// Bounds within which the failover machine can be driven by a plan, and none of its promises becomes empty. They are wider than what a config may say.
/// </summary>
internal static class PlanCheck
{
    /// <summary>Far above the figures of RFC 2439 §4.2 as they are used, and of no harm to a sum.</summary>
    public const double MaxPenalty = 1_000_000;

    /// <summary>An hour of probes, one a second.</summary>
    private const int MaxProbes = 3600;

    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    public static void Of(FailoverPlan plan, Action<bool, string, string> require)
    {
        if (plan.Servers.IsDefault || plan.Servers.Length > FailoverPlan.MaxServers)
        {
            require(false, "failover.servers", $"a list of at most {FailoverPlan.MaxServers}");
            return;
        }

        HashSet<string> names = [];
        for (int i = 0; i < plan.Servers.Length; i++)
        {
            KnownServer? server = plan.Servers[i];
            require(server is not null && DesiredCheck.IsName(server.Server) && DesiredCheck.IsName(server.Pop), $"failover.servers[{i}]", "a server and its pop");
            require(server?.Server is null || names.Add(server.Server), $"failover.servers[{i}].server", "another name than the servers before it");
        }

        if (plan.Policy is null)
        {
            require(false, "failover.policy", "figures, not null");
            return;
        }

        FailoverPolicy policy = plan.Policy;
        require(policy.Floor is >= 1 and <= FailoverPlan.MaxServers, "failover.policy.floor", $"1 to {FailoverPlan.MaxServers}: one PoP at least stays");
        Probes(policy.Fall, "fall");
        Probes(policy.FirstRise, "firstRise");
        Probes(policy.Rise, "rise");
        Time(policy.UseWithin, "useWithin", Shortest, Hour);

        // A process that begins keeps the promises of the one before for the default time: it has no plan yet.
        require(
            policy.PledgeTime / 3 >= policy.UseWithin && policy.PledgeTime <= FailoverPolicy.Default.PledgeTime,
            "failover.policy.pledgeTime",
            $"three times useWithin or more, {FailoverPolicy.Default.PledgeTime} at most");
        Time(policy.AskAgainAfter, "askAgainAfter", Shortest, Hour);
        Time(policy.FreshFor, "freshFor", Shortest, Hour);
        require(policy.TellEvery >= Shortest && policy.TellEvery <= policy.FreshFor / 2, "failover.policy.tellEvery", "half of freshFor or less");
        require(policy.RescueAfter >= policy.FreshFor && policy.RescueAfter <= Day, "failover.policy.rescueAfter", "freshFor or more, a day at most");
        Time(policy.SuspectWithin, "suspectWithin", TimeSpan.Zero, Day);
        Time(policy.VoluntaryGap, "voluntaryGap", TimeSpan.Zero, Day);
        Time(policy.DepreferFor, "depreferFor", TimeSpan.Zero, Day);
        Time(policy.ConnectionsFor, "connectionsFor", TimeSpan.Zero, Day);
        Time(policy.WarmFor, "warmFor", TimeSpan.Zero, Day);
        if (policy.Damping is not { } damping)
        {
            require(false, "failover.policy.damping", "figures, not null");
            return;
        }

        Penalty(damping.PerWithdrawal, "perWithdrawal");
        Penalty(damping.PerAttributeChange, "perAttributeChange");
        Time(damping.HalfLife, "damping.halfLife", TimeSpan.FromSeconds(1), Day);
        Time(damping.MaxHold, "damping.maxHold", TimeSpan.Zero, Day);
        require(damping.ReleaseBelow is > 0 and <= MaxPenalty, "failover.policy.damping.releaseBelow", $"above 0, {MaxPenalty:0} at most");
        require(damping.HoldFrom >= damping.ReleaseBelow && damping.HoldFrom <= MaxPenalty, "failover.policy.damping.holdFrom", $"releaseBelow or more, {MaxPenalty:0} at most");

        void Probes(int count, string name) => require(count is >= 1 and <= MaxProbes, $"failover.policy.{name}", $"1 to {MaxProbes}");

        void Time(TimeSpan time, string name, TimeSpan least, TimeSpan most) =>
            require(time >= least && time <= most, $"failover.policy.{name}", $"{least} to {most}");

        void Penalty(double penalty, string name) =>
            require(penalty is >= 0 and <= MaxPenalty, $"failover.policy.damping.{name}", $"0 to {MaxPenalty:0}");
    }
}
