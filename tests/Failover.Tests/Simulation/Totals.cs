namespace OrleansCdn.Failover.Tests.Simulation;

/// <summary>What happened in many runs.</summary>
internal sealed class Totals
{
    public long Events { get; private set; }

    public long Checks { get; private set; }

    public int Pledges { get; private set; }

    public int Withdrawals { get; private set; }

    public int Rescues { get; private set; }

    public void Add(World world)
    {
        Events += world.Scheduler.Events;
        Checks += world.Books.Checks;
        Pledges += world.Books.Pledges;
        Withdrawals += world.Books.Withdrawals;
        Rescues += world.Books.Rescues;
    }

    public override string ToString() =>
        $"{Events} events, {Checks} checks of invariants, {Pledges} pledges, {Withdrawals} withdrawals by decision, {Rescues} rescues";
}
