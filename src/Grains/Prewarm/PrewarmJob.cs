using System.Collections.Immutable;
using System.Diagnostics;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Grains.Prewarm;

/// <summary>
/// Which URL is fetched by which edge, and when. Each URL is fetched by one edge first, at the origin's pace; the others
/// follow when it has it, from there. Pure: <see cref="Step"/> is handed what happened and the time, and gives what to send.
/// </summary>
internal sealed class PrewarmJob
{
    /// <summary>Tasks that one edge has at a time: two messages, so that it never waits for the next.</summary>
    public const int Window = 2 * PrewarmBatch.MaxTasks;

    /// <summary>How often a task is given out to an edge that fails it.</summary>
    public const int MaxAttempts = 3;

    /// <summary>Failures that are kept with their reason.</summary>
    public const int MaxFailures = 100;

    /// <summary>What an edge may take for one task with all its variants, and for those queued before it.</summary>
    public static readonly TimeSpan TaskPatience = TimeSpan.FromMinutes(15);

    /// <summary>How long an edge may be away before a job that waits for nothing else ends without it: a restart, several times over.</summary>
    public static readonly TimeSpan EdgePatience = TimeSpan.FromSeconds(30);

    /// <summary>An edge that is busy or behind is left alone for so long.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long a resumed job waits for all its edges: they come back within seconds after their silo, and another edge than the
    /// one that was asked before would fetch once more what that one has.
    /// </summary>
    public static readonly TimeSpan ReturnPatience = TimeSpan.FromSeconds(15);

    private readonly DateTimeOffset _leadsFrom;
    private readonly PrewarmOrder _order;
    private readonly EdgeSide[] _edges;
    private readonly PrewarmPace _pace;
    private readonly Queue<int> _leads = new();
    private readonly HashSet<int> _leading = [];
    private readonly List<PrewarmFailure> _failures;

    /// <summary>What has changed since <see cref="TakeChanged"/>: tasks' indices.</summary>
    private readonly HashSet<int> _changed = [];

    /// <summary>What one edge has done and has been given.</summary>
    private sealed class EdgeSide(PrewarmEdge name, byte[] cells, DateTimeOffset now)
    {
        public PrewarmEdge Name => name;

        public byte[] Cells => cells;

        public string? Connection { get; set; }

        public DateTimeOffset LastSeen { get; set; } = now;

        public DateTimeOffset NotBefore { get; set; }

        public Dictionary<int, DateTimeOffset> Sent { get; } = [];

        public Dictionary<int, int> Attempts { get; } = [];

        public Queue<int> Follows { get; } = new();

        public int[] Counts { get; } = new int[Enum.GetValues<PrewarmCell>().Length];

        public string Id => $"{name.Pop}/{name.Edge}";
    }

    /// <param name="order">The URLs are all there.</param>
    /// <param name="cells">Of each edge, a byte for each URL (<see cref="PrewarmCell"/>): they belong to this object from here on.</param>
    /// <param name="failures">That are known.</param>
    /// <param name="now">Time of the start.</param>
    /// <param name="isResumed">It was under way before: edges may have done what is not known here.</param>
    public PrewarmJob(PrewarmOrder order, byte[][] cells, ImmutableArray<PrewarmFailure> failures, DateTimeOffset now, bool isResumed = false)
    {
        _leadsFrom = isResumed ? now + ReturnPatience : now;
        (_order, _failures) = (order, [.. failures]);
        _edges = [.. order.Edges.Select((edge, i) => new EdgeSide(edge, cells[i], now))];
        _pace = new PrewarmPace(order.RequestsPerSecond, order.BytesPerSecond, now);
        foreach (EdgeSide edge in _edges)
        {
            foreach (byte cell in edge.Cells)
            {
                edge.Counts[cell]++;
            }
        }

        for (int task = 0; task < order.Urls.Length; task++)
        {
            Sort(task);
        }
    }

    public long OriginFetches { get; set; }

    public long PeerFetches { get; set; }

    public long Bytes { get; set; }

    public double Pace => _pace.Rate;

    public ImmutableArray<PrewarmFailure> Failures => [.. _failures];

    public bool HasChanged => _changed.Count > 0;

    public byte[] CellsOf(int edge) => _edges[edge].Cells;

    public string? ConnectionOf(int edge) => _edges[edge].Connection;

    public ImmutableArray<PrewarmPopState> Pops =>
    [
        .. _edges.Where(e => IsTarget(_order, e.Name)).GroupBy(e => e.Name.Pop).Select(pop => new PrewarmPopState
        {
            Pop = pop.Key,
            Stored = pop.Sum(e => e.Counts[(int)PrewarmCell.Stored]),
            Fresh = pop.Sum(e => e.Counts[(int)PrewarmCell.Fresh]),
            NotStored = pop.Sum(e => e.Counts[(int)PrewarmCell.NotStored]),
            Skipped = pop.Sum(e => e.Counts[(int)PrewarmCell.Skipped]),
            Failed = pop.Sum(e => e.Counts[(int)PrewarmCell.Failed]),
            Left = pop.Sum(e => e.Counts[(int)PrewarmCell.Open]),
            Missing = [.. pop.Where(e => e.Connection is null && e.Counts[(int)PrewarmCell.Open] > 0).Select(e => e.Name.Edge)],
        }),
    ];

    public int[] TakeChanged()
    {
        int[] changed = [.. _changed];
        _changed.Clear();
        return changed;
    }

    /// <summary>One thing that happened, and what is to be sent because of it.</summary>
    public ImmutableArray<PrewarmDispatch> Step(PrewarmEvent what, DateTimeOffset now)
    {
        switch (what)
        {
            case PrewarmEvent.Tick:
                return GiveOut(now);
            case PrewarmEvent.Connected connected:
                OnConnected(_edges[connected.Edge], connected.Connection, now);
                return [];
            case PrewarmEvent.Returned returned:
                foreach (PrewarmTask task in returned.Tasks)
                {
                    TakeBack(_edges[returned.Edge], task.Id);
                }

                return [];
            case PrewarmEvent.Reported reported:
                OnReported(reported.Edge, reported.Result, now);
                return [];
            default:
                throw new UnreachableException(what.GetType().Name);
        }
    }

    /// <summary>Null: it goes on.</summary>
    public PrewarmState? Verdict(DateTimeOffset now)
    {
        if (_edges.Any(e => e.Counts[(int)PrewarmCell.Open] > 0 && (e.Connection is not null || now - e.LastSeen < EdgePatience)))
        {
            return null;
        }

        int failed = _edges.Sum(e => e.Counts[(int)PrewarmCell.Failed]);
        int open = _edges.Sum(e => e.Counts[(int)PrewarmCell.Open]);
        return failed + open == 0 ? PrewarmState.Done
            : failed + open == _edges.Where(e => IsTarget(_order, e.Name)).Sum(e => _order.Urls.Length - e.Counts[(int)PrewarmCell.Skipped]) ? PrewarmState.Failed
            : PrewarmState.Partial;
    }

    /// <summary>False: it only gives what it has.</summary>
    public static bool IsTarget(PrewarmOrder order, PrewarmEdge edge) => order.Targets.IsEmpty || order.Targets.Contains(edge.Pop);

    private void OnConnected(EdgeSide edge, string? connection, DateTimeOffset now)
    {
        edge.LastSeen = connection is null ? edge.LastSeen : now;
        if (edge.Connection == connection)
        {
            return;
        }

        // What the old connection was given may be lost with it. An edge that did it after all answers that it is fresh.
        edge.Connection = connection;
        foreach (int task in edge.Sent.Keys.ToList())
        {
            TakeBack(edge, task);
        }
    }

    private void OnReported(int index, PrewarmResult result, DateTimeOffset now)
    {
        EdgeSide edge = _edges[index];
        if (result.Task < 0 || result.Task >= _order.Urls.Length || !Enum.IsDefined(result.Outcome))
        {
            return;
        }

        edge.LastSeen = now;
        bool isAwaited = edge.Sent.Remove(result.Task);
        bool isLead = isAwaited && _leading.Remove(result.Task);
        if (edge.Cells[result.Task] != (byte)PrewarmCell.Open)
        {
            return; // a repeat
        }

        int origin = Math.Clamp(result.OriginFetches, 0, _order.Encodings.Length);
        OriginFetches += origin;
        PeerFetches += Math.Clamp(result.PeerFetches, 0, _order.Encodings.Length);
        Bytes += Math.Max(0, result.Bytes);
        _pace.Observe(
            origin - (isLead ? 1 : 0), origin > 0 ? result.Bytes : 0, origin > 0 || result.IsOriginTrouble ? result.Milliseconds : null, result.IsOriginTrouble, now);
        switch (result.Outcome)
        {
            case PrewarmOutcome.Stored:
            case PrewarmOutcome.Fresh:
                bool isFirst = !HasSource(result.Task);
                Set(edge, result.Task, result.Outcome == PrewarmOutcome.Stored ? PrewarmCell.Stored : PrewarmCell.Fresh);
                if (isFirst)
                {
                    Sort(result.Task);
                }

                break;
            case PrewarmOutcome.Busy:
            case PrewarmOutcome.Behind when Attempt(edge, result.Task) < MaxAttempts:
            case PrewarmOutcome.Failed when Attempt(edge, result.Task) < MaxAttempts:
                edge.NotBefore = result.Outcome == PrewarmOutcome.Failed ? edge.NotBefore : now + Pause;
                Sort(result.Task, only: edge);
                break;
            default:
                End(index, result);
                break;
        }
    }

    private static int Attempt(EdgeSide edge, int task) => edge.Attempts[task] = edge.Attempts.GetValueOrDefault(task) + 1;

    /// <summary>What the first one could not get or keep is not asked of the origin once more by each of the others.</summary>
    private void End(int index, PrewarmResult result)
    {
        PrewarmCell cell = result.Outcome == PrewarmOutcome.NotStored ? PrewarmCell.NotStored : PrewarmCell.Failed;
        bool isForAll = !HasSource(result.Task) && result.Outcome != PrewarmOutcome.Behind;
        string reason = result.Reason is { Length: <= PrewarmResult.MaxReasonLength } text ? text : result.Outcome == PrewarmOutcome.Behind ? "behind-on-purges" : "unknown";
        foreach (EdgeSide edge in isForAll ? _edges : [_edges[index]])
        {
            if (edge.Cells[result.Task] == (byte)PrewarmCell.Open)
            {
                Set(edge, result.Task, cell);
            }
        }

        if (_failures.Count < MaxFailures)
        {
            PrewarmEdge name = _edges[index].Name;
            _failures.Add(new PrewarmFailure(_order.Urls[result.Task], name.Pop, name.Edge, result.Outcome, reason));
        }

        if (!isForAll && !HasSource(result.Task))
        {
            Sort(result.Task);
        }
    }

    private void Set(EdgeSide edge, int task, PrewarmCell cell)
    {
        edge.Counts[edge.Cells[task]]--;
        edge.Cells[task] = (byte)cell;
        edge.Counts[(int)cell]++;
        edge.Attempts.Remove(task);
        _changed.Add(task);
    }

    private void TakeBack(EdgeSide edge, int task)
    {
        if (edge.Sent.Remove(task) && edge.Cells[task] == (byte)PrewarmCell.Open)
        {
            _leading.Remove(task);
            Sort(task, only: edge);
        }
    }

    private bool HasSource(int task) => Array.Exists(_edges, e => IsKept(e.Cells[task]));

    private bool NeedsLead(int task) =>
        !_leading.Contains(task) && !HasSource(task) && Array.Exists(_edges, e => e.Cells[task] == (byte)PrewarmCell.Open);

    private static bool IsKept(byte cell) => (PrewarmCell)cell is PrewarmCell.Stored or PrewarmCell.Fresh;

    /// <summary>Queues a task where it is to be done: by whoever is first, or by those that follow.</summary>
    /// <param name="task">Its index.</param>
    /// <param name="only">The follower that is meant; null: all.</param>
    private void Sort(int task, EdgeSide? only = null)
    {
        if (!HasSource(task))
        {
            if (NeedsLead(task))
            {
                _leads.Enqueue(task);
            }

            return;
        }

        foreach (EdgeSide edge in _edges)
        {
            if ((only is null || only == edge) && edge.Cells[task] == (byte)PrewarmCell.Open && !edge.Sent.ContainsKey(task))
            {
                edge.Follows.Enqueue(task);
            }
        }
    }

    private ImmutableArray<PrewarmDispatch> GiveOut(DateTimeOffset now)
    {
        var given = new List<PrewarmTask>[_edges.Length];
        foreach ((int i, EdgeSide edge) in _edges.Index())
        {
            given[i] = [];
            foreach (int late in edge.Sent.Where(s => now - s.Value > TaskPatience).Select(s => s.Key).ToList())
            {
                TakeBack(edge, late);
            }
        }

        // Followers first: what one of them has to fetch by itself is paid for when it reports.
        for (int i = 0; i < _edges.Length; i++)
        {
            EdgeSide edge = _edges[i];
            while (MayTake(edge, given[i], now) && edge.Follows.TryDequeue(out int task))
            {
                if (edge.Cells[task] == (byte)PrewarmCell.Open && !edge.Sent.ContainsKey(task))
                {
                    Give(edge, given[i], task, SourceOf(task, edge), now);
                }
            }
        }

        bool mayLead = now >= _leadsFrom || Array.TrueForAll(_edges, e => e.Connection is not null);
        while (mayLead && _leads.TryPeek(out int task))
        {
            if (!NeedsLead(task))
            {
                _leads.Dequeue();
                continue;
            }

            if (Leader(task, given, now) is not { } leader || !_pace.TryTake(now))
            {
                break;
            }

            _leads.Dequeue();
            _leading.Add(task);
            Give(_edges[leader], given[leader], task, null, now);
        }

        return [.. given.Index().Where(g => g.Item.Count > 0).Select(g => new PrewarmDispatch(g.Index, [.. g.Item]))];
    }

    private static bool MayTake(EdgeSide edge, List<PrewarmTask> given, DateTimeOffset now) =>
        edge.Connection is not null && edge.Sent.Count < Window && given.Count < PrewarmBatch.MaxTasks && now >= edge.NotBefore;

    private void Give(EdgeSide edge, List<PrewarmTask> given, int task, string? from, DateTimeOffset now)
    {
        edge.Sent[task] = now;
        given.Add(new PrewarmTask(task, _order.Urls[task], from));
    }

    private string? SourceOf(int task, EdgeSide but) =>
        Array.Find(_edges, e => e != but && e.Connection is not null && IsKept(e.Cells[task]))?.Id;

    /// <summary>
    /// The only edge of the shield, as every fetch of the others would come by it; with several there another PoP's edge
    /// leads, whose fetch goes to the right one of them. Null: nobody can now.
    /// </summary>
    private int? Leader(int task, List<PrewarmTask>[] given, DateTimeOffset now)
    {
        bool hasOneShield = _edges.Count(e => e.Name.Pop == _order.Shield) == 1;
        int? best = null;
        for (int i = 0; i < _edges.Length; i++)
        {
            EdgeSide edge = _edges[i];
            if (edge.Connection is null || edge.Cells[task] != (byte)PrewarmCell.Open)
            {
                continue;
            }

            bool isShield = edge.Name.Pop == _order.Shield;
            if (best is null || (isShield && hasOneShield) || (!isShield && !hasOneShield && _edges[best.Value].Name.Pop == _order.Shield))
            {
                best = i;
            }
        }

        return best is { } leader && MayTake(_edges[leader], given[leader], now) ? leader : null;
    }
}
