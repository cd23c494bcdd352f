namespace OrleansCdn.Failover.Tests.Simulation;

/// <summary>
/// The observer's own books, in real time: who promised whom to stay and until when, who is announced by decision. They do not ask the machines.
/// </summary>
internal sealed class Books(World world)
{
    private readonly List<Promise> _promises = [];

    private sealed record Promise(SimServer By, string To, long Id, TimeSpan Until)
    {
        /// <summary>The giver has withdrawn by decision since.</summary>
        public bool IsBroken { get; set; }

        public bool HasCrashed { get; set; }
    }

    public string? Broken { get; private set; }

    public int Pledges { get; private set; }

    public int Withdrawals { get; private set; }

    public int Rescues { get; private set; }

    public long Checks { get; private set; }

    public TimeSpan? LastWithdrawal { get; private set; }

    /// <summary>Somebody whose promise was relied upon in the last withdrawal has crashed since giving it.</summary>
    public bool CrashedWithPromise { get; private set; }

    public void Checked() => Checks++;

    public void Crashed(SimServer server)
    {
        foreach (Promise given in _promises.Where(promise => promise.By == server))
        {
            given.HasCrashed = true;
        }
    }

    public void Fail(string what) => Broken ??= $"{world.Scheduler.Now.TotalSeconds:0.000} s: {what}";

    /// <param name="askedAt">When the giver was asked: from then on it counts, whenever it answers.</param>
    public void Promised(SimServer by, string to, long id, TimeSpan askedAt)
    {
        Pledges++;
        _promises.RemoveAll(promise => promise.Until + TimeSpan.FromSeconds(60) < world.Scheduler.Now);

        // In the giver's seconds.
        _promises.Add(new Promise(by, to, id, askedAt + (world.Policy.PledgeTime / by.Rate) - TimeSpan.FromMilliseconds(1)));
    }

    /// <summary>I1, I1′ and P, at each withdrawal that software decided.</summary>
    public void Withdrew(SimServer server, long? request)
    {
        Withdrawals++;
        TimeSpan now = world.Scheduler.Now;
        LastWithdrawal = now;
        CrashedWithPromise = _promises.Exists(promise => promise.To == server.Name && promise.Id == request && promise.HasCrashed);
        if (_promises.Find(promise => promise.By == server && !promise.IsBroken && promise.Until > now) is { } own)
        {
            Fail($"P: {server.Name} withdraws, and has promised {own.To} to stay until {own.Until.TotalSeconds:0.000} s");
        }

        foreach (Promise given in _promises.Where(promise => promise.By == server))
        {
            given.IsBroken = true;
        }

        List<string> pops = [.. _promises
            .Where(promise => promise.To == server.Name && promise.Id == request && !promise.IsBroken && promise.Until > now)
            .Select(promise => promise.By.Pop).Distinct()];
        if (!pops.Contains(server.Pop) && pops.Count < world.Policy.Floor)
        {
            Fail($"I1: {server.Name} withdraws with promises of {(pops.Count == 0 ? "nobody" : string.Join(", ", pops))}; the floor is {world.Policy.Floor}");
        }
    }

    public void Rescued() => Rescues++;
}
