using System.Collections.Immutable;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Simulation.Tests;

/// <summary>
/// A log, two PoPs and four edges, one seed. First everything goes wrong while visitors ask and purges come; then all
/// heals, and everybody must come to the same place.
/// </summary>
internal sealed class World
{
    private static readonly TimeSpan Trouble = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan Healing = TimeSpan.FromSeconds(50);

    private readonly LogProcess _log;
    private readonly Dictionary<string, PopProcess> _pops = [];
    private readonly Dictionary<string, EdgeDisk> _disks = [];
    private readonly Dictionary<string, EdgeProcess> _edges = [];
    private readonly Dictionary<string, string> _popOf = [];
    private readonly bool _isBulky;
    private bool _isHealed;
    private int _bulks;

    public World(int seed, Mutation mutation)
    {
        (Scheduler, Mutation) = (new ClockScheduler(seed), mutation);
        Network = new Network(Scheduler);
        Promises = new Promises(Scheduler, mutation);
        ConfirmsWhenCutOff = Scheduler.OneIn(2);
        _isBulky = Scheduler.OneIn(20);
        _log = new LogProcess(Scheduler, Network, Promises, mutation) 
        {
            Push = (pop, push) => _pops[pop].Pushed(push),
            PushAhead = (pop, push) => _pops[pop].PushedAhead(push),
        };
        string[][] pops = [["a1", "a2"], ["b1", "b2"]];
        var directory = new DirectoryView("1", [.. pops.SelectMany(p => p).Select(e => new PeerEdge(e[..1], e, $"http://{e}:1"))]);
        _log.Start();
        foreach (string[] edges in pops)
        {
            string name = edges[0][..1];
            _pops.Add(name, new PopProcess(name, edges, directory, Scheduler, Network, _log, Promises));
            foreach (string edge in edges)
            {
                _popOf.Add(edge, name);
                _disks.Add(edge, new EdgeDisk(hasStore: edge[1] == '1' || Scheduler.OneIn(2)));
            }
        }

        foreach (PopProcess pop in _pops.Values)
        {
            pop.Start();
        }

        foreach (string edge in _popOf.Keys)
        {
            StartEdge(edge);
        }
    }

    public ClockScheduler Scheduler { get; }

    public Network Network { get; }

    public Promises Promises { get; }

    /// <summary>The site wants edges that are cut off to confirm what they have.</summary>
    public bool ConfirmsWhenCutOff { get; }

    /// <summary>Messages that edges applied ahead of the log.</summary>
    public int Ahead { get; set; }

    public Site Site { get; } = new();

    public Mutation Mutation { get; }

    public int Epochs => _log.Epochs;

    public PopProcess PopOf(string name) => _pops[name];

    public EdgeProcess? AnyEdgeBut(string name)
    {
        EdgeProcess[] others = [.. _edges.Values.Where(e => e.Name != name && e.IsAlive)];
        return others.Length == 0 ? null : Scheduler.Pick(others);
    }

    /// <exception cref="BrokenPromiseException">Something happened that must not, or did not happen that must.</exception>
    public void Run()
    {
        Scheduler.After(Scheduler.Between(0, 300), VisitAgain);
        Scheduler.After(Scheduler.Between(100, 1000), PurgeAgain);
        Scheduler.After(Scheduler.Between(500, 3000), FailAgain);
        Scheduler.RunUntil(Trouble);
        Heal();
        Scheduler.RunUntil(Trouble + Healing / 2);

        // One purge of everything once all is well, and it has to be through.
        Purge(Site.Append(PurgeKind.Site, [""], isSoft: false), [.. Enumerable.Range(0, Site.Objects)]);
        Scheduler.RunUntil(Trouble + Healing);
        CheckConverged();
    }

    private void VisitAgain()
    {
        if (_edges.TryGetValue(Scheduler.Pick(_popOf.Keys.ToArray()), out EdgeProcess? edge))
        {
            edge.Request(Scheduler.Random.Next(Site.Objects));
        }

        if (!_isHealed)
        {
            Scheduler.After(Scheduler.Between(0, 60), VisitAgain);
        }
    }

    private void PurgeAgain()
    {
        if (_isHealed)
        {
            return;
        }

        if (_isBulky && Scheduler.OneIn(3))
        {
            Purge(Site.Bulk(Scheduler.Random.Next(1, 700), ++_bulks), []);
        }
        else
        {
            (PurgeAppend append, int[] items) = Site.AnyPurge(Scheduler);
            Purge(append, items);
        }

        Scheduler.After(Scheduler.Between(0, Scheduler.OneIn(3) ? 20 : 700), PurgeAgain);
    }

    /// <summary>The application publishes, and then purges what it has published.</summary>
    private void Purge(PurgeAppend append, int[] items)
    {
        foreach (int item in items)
        {
            Site.Publish(item);
        }

        (int, int)[] floor = [.. items.Select(i => (i, Site.VersionOf(i)))];
        int epoch = _log.Epochs;
        _log.Append(append, receipt =>
        {
            // An answer that the caller does not get is no promise.
            if (epoch == _log.Epochs && !(Network.IsFaulty && Scheduler.OneIn(20)))
            {
                Promises.Receipt(receipt.Cursor, floor);
            }
        });
    }

    private void FailAgain()
    {
        if (_isHealed)
        {
            return;
        }

        string edge = Scheduler.Pick(_popOf.Keys.ToArray());
        string pop = Scheduler.Pick(_pops.Keys.ToArray());
        switch (Scheduler.Random.Next(16))
        {
            case 0 or 1 or 2:
                KillEdge(edge, losesPower: false, losesDisk: false);
                break;
            case 3 or 4 or 5:
                KillEdge(edge, losesPower: true, losesDisk: false);
                if (Scheduler.OneIn(2))
                {
                    // It comes back alone, and has to do with what it has.
                    Network.Part(_popOf[edge], edge, Scheduler.Now + Scheduler.Between(1000, 8000));
                }

                break;
            case 6 when Scheduler.OneIn(2):
                KillEdge(edge, losesPower: true, losesDisk: true);
                break;
            case 7 or 8 when _pops[pop].IsUp:
                _pops[pop].Crash();
                Scheduler.After(Scheduler.Between(10, 4000), _pops[pop].Start);
                break;
            case 9 or 10 when _log.End is not null:
                _log.Crash(losesDisk: Scheduler.OneIn(4));
                Scheduler.After(Scheduler.Between(10, 3000), _log.Start);
                break;
            case 11:
                Network.Part(_popOf[edge], edge, Scheduler.Now + Scheduler.Between(100, 12_000));
                break;
            case 12:
                Network.Part(pop, LogProcess.Name, Scheduler.Now + Scheduler.Between(100, 8000));
                break;
            case 13 when _edges.TryGetValue(edge, out EdgeProcess? linked):
                linked.BreakLink();
                break;
            case 14:
                Scheduler.Time.StepWallClock(Scheduler.Between(-3_600_000, 3_600_000));
                break;
            default:
                if (_edges.TryGetValue(edge, out EdgeProcess? full))
                {
                    full.Evict(Scheduler.Random.Next(Site.Objects));
                }

                break;
        }

        Scheduler.After(Scheduler.Between(50, 2000), FailAgain);
    }

    private void StartEdge(string edge) => _edges[edge] = new EdgeProcess(this, _popOf[edge], edge, _disks[edge]);

    private void KillEdge(string edge, bool losesPower, bool losesDisk)
    {
        if (!_edges.Remove(edge, out EdgeProcess? process))
        {
            return;
        }

        process.Dispose();
        if (losesPower)
        {
            _disks[edge].LosePower(Scheduler.Random);
        }

        if (losesDisk)
        {
            _disks[edge].Lose();
        }

        Scheduler.After(Scheduler.Between(10, 3000), () => StartEdge(edge));
    }

    private void Heal() => (_isHealed, Network.IsFaulty) = (true, false);

    private void CheckConverged()
    {
        if (_log.End is not { } end || Promises.Durable is not [.., { } last] || !end.Covers(last))
        {
            throw new BrokenPromiseException($"the log stands at {_log.End} although all is well");
        }

        foreach (EdgeProcess edge in _edges.Values)
        {
            if (edge.Cursor != end)
            {
                throw new BrokenPromiseException($"edge {edge.Name} stands at {edge.Cursor} and the log at {end} although all is well");
            }
        }

        if (Promises.Open.Any())
        {
            throw new BrokenPromiseException($"purge {Promises.Open.First()} is not acknowledged by everybody although all is well");
        }

        foreach (EdgeProcess edge in _edges.Values)
        {
            for (int item = 0; item < Site.Objects; item++)
            {
                edge.Request(item);
            }
        }

        Scheduler.RunUntil(Scheduler.Now + TimeSpan.FromSeconds(10));
    }
}
