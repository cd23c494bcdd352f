using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Simulation.Tests;

/// <summary>What callers were told: from then on no edge that acknowledged a purge may serve what was published before it.</summary>
internal sealed class Promises(ClockScheduler scheduler, Mutation mutation)
{
    /// <summary>
    /// How much longer than the site allows a purge may be missing on an edge that is cut off: what a silo says may be so long
    /// on its way at most (<see cref="Network.Delay"/>).
    /// </summary>
    private static readonly TimeSpan Transit = TimeSpan.FromSeconds(2);

    /// <summary>Of each object, what callers were told to be durable, and when.</summary>
    private readonly Queue<(TimeSpan At, int Item, int Version)> _durable = new();
    private readonly int[] _overdue = new int[Site.Objects];

    public Mutation Mutation => mutation;

    private readonly List<Promise> _open = [];
    private readonly Dictionary<string, int[]> _floors = [];

    private sealed record Promise(PurgeCursor Cursor, (int Item, int Version)[] Floor)
    {
        public HashSet<string> Edges { get; } = [];
    }

    public int Kept { get; private set; }

    public int Served { get; private set; }

    /// <summary>Receipts of the log that is there now.</summary>
    public List<PurgeCursor> Durable { get; } = [];

    /// <summary>Cursors whose acknowledgement has not been seen from every edge yet.</summary>
    public IEnumerable<PurgeCursor> Open => _open.Select(p => p.Cursor);

    /// <summary>A caller has its receipt.</summary>
    public void Receipt(PurgeCursor cursor, (int Item, int Version)[] floor)
    {
        Durable.Add(cursor);
        foreach ((int item, int version) in floor)
        {
            _durable.Enqueue((scheduler.Now, item, version));
        }

        if (floor.Length > 0)
        {
            _open.Add(new Promise(cursor, floor));
        }
    }

    /// <summary>A caller was told that an edge has applied the log up to somewhere.</summary>
    public void Acknowledged(string edge, Func<PurgeCursor, bool> isCovered, int edges)
    {
        int[] floors = FloorsOf(edge);
        for (int i = _open.Count - 1; i >= 0; i--)
        {
            Promise promise = _open[i];
            if (!promise.Edges.Contains(edge) && isCovered(promise.Cursor))
            {
                promise.Edges.Add(edge);
                Kept++;
                foreach ((int item, int version) in promise.Floor)
                {
                    floors[item] = Math.Max(floors[item], version);
                }

                if (promise.Edges.Count == edges)
                {
                    _open.RemoveAt(i);
                }
            }
        }
    }

    /// <summary>The oldest version of an object that an edge may serve to a request that begins now.</summary>
    public int FloorOf(string edge, int item) => FloorsOf(edge)[item];

    /// <summary>The oldest version that an edge may serve to a request that begins now, whatever it has heard: on a site that wants it so.</summary>
    public int OverdueOf(int item)
    {
        while (_durable.TryPeek(out (TimeSpan At, int Item, int Version) oldest) && oldest.At + EdgeProcess.CutOffAfter + Transit < scheduler.Now)
        {
            _durable.Dequeue();
            _overdue[oldest.Item] = Math.Max(_overdue[oldest.Item], oldest.Version);
        }

        return _overdue[item];
    }

    public void CheckAge(string edge, int item, int overdue, int version, string from)
    {
        if (version < overdue)
        {
            throw new BrokenPromiseException($"edge {edge} served version {version} of object {item} from {from}, although what is older than {overdue} was purged long before, and the site wants a cut-off edge to confirm what it has");
        }
    }

    public void Check(string edge, int item, int floor, int version, string from)
    {
        Served++;
        if (version < floor)
        {
            throw new BrokenPromiseException($"edge {edge} served version {version} of object {item} from {from}, although the purge of what is older than {floor} was acknowledged");
        }
    }

    /// <summary>The log has lost its disk: the purges of before are covered by the gap that follows.</summary>
    public void LogIsLost() => Durable.Clear();

    private int[] FloorsOf(string edge)
    {
        if (!_floors.TryGetValue(edge, out int[]? floors))
        {
            _floors.Add(edge, floors = new int[Site.Objects]);
        }

        return floors;
    }
}

/// <summary>What must never happen has happened.</summary>
internal sealed class BrokenPromiseException(string message) : Exception(message);
