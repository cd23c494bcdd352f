namespace OrleansCdn.Simulation.Tests;

/// <summary>Calls between processes: late, lost, twice, out of order; none between those that are parted.</summary>
internal sealed class Network(ClockScheduler scheduler)
{
    private readonly Dictionary<(string, string), TimeSpan> _parted = [];

    /// <summary>False: nothing is lost any more, and nobody is parted.</summary>
    public bool IsFaulty { get; set; } = true;

    public void Part(string one, string other, TimeSpan until) => _parted[Pair(one, other)] = until;

    public bool IsParted(string one, string other) =>
        IsFaulty && _parted.TryGetValue(Pair(one, other), out TimeSpan until) && until > scheduler.Now;

    /// <summary>Delivers none, one or two copies.</summary>
    public void Send(string from, string to, Action deliver)
    {
        if (IsParted(from, to) || (IsFaulty && scheduler.OneIn(25)))
        {
            return;
        }

        int copies = IsFaulty && scheduler.OneIn(20) ? 2 : 1;
        for (int i = 0; i < copies; i++)
        {
            scheduler.After(Delay(), deliver);
        }
    }

    /// <summary>Most are quick; some wait in a queue until much else has happened.</summary>
    public TimeSpan Delay() => IsFaulty && scheduler.OneIn(15) ? scheduler.Between(50, 1500) : scheduler.Between(0.2, 20);

    private static (string, string) Pair(string one, string other) =>
        string.CompareOrdinal(one, other) < 0 ? (one, other) : (other, one);
}
