using System.Collections.Immutable;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Grains.Drain;

/// <summary>
/// What is known of the PoPs of the config, and what follows from it. An operator's word counts at once and comes first; what the edges
/// say is weighed over time (<see cref="PopJudge"/>). Pure: it is handed the time. In memory but for what it decided before.
/// </summary>
internal sealed class EligibilityBoard
{
    private readonly Dictionary<string, PopState> _pops = [];
    private ImmutableArray<string> _order = [];

    private sealed class PopState
    {
        public PopDrain? Drain { get; set; }

        public PopJudge Judge { get; set; }

        public ImmutableArray<EdgeSighting> Edges { get; set; } = [];

        /// <summary>Until when <see cref="Edges"/> counts.</summary>
        public DateTimeOffset Until { get; set; }

        /// <summary>What they said last, for people.</summary>
        public string? Detail { get; set; }
    }

    /// <summary>The highest epoch that an edge was seen with.</summary>
    public long Observed { get; private set; }

    public bool Knows(string pop) => _pops.ContainsKey(pop);

    /// <param name="pops">Ids, of the config in force.</param>
    /// <param name="before">Whoever was out by what its edges said is out until they say otherwise.</param>
    public void Configure(ImmutableArray<string> pops, EligibilityRow before)
    {
        _order = pops;
        foreach (string gone in _pops.Keys.Except(pops).ToList())
        {
            _pops.Remove(gone);
        }

        foreach (string pop in pops)
        {
            EligibilityState state = before.Find(pop)?.State ?? EligibilityState.InService;
            _pops.TryAdd(pop, new PopState { Judge = new PopJudge(state == EligibilityState.Draining ? EligibilityState.InService : state) });
        }
    }

    public void Take(PopDrain drain)
    {
        if (_pops.TryGetValue(drain.Pop, out PopState? state))
        {
            state.Drain = drain;
        }
    }

    public void Take(PopSighting sighting, DateTimeOffset now)
    {
        Observed = Math.Max(Observed, sighting.Epoch);
        if (_pops.TryGetValue(sighting.Pop, out PopState? state))
        {
            (state.Edges, state.Until) = (sighting.Edges, now + GrainLimits.SubscriptionAge);
        }
    }

    /// <summary>How every PoP stands now.</summary>
    /// <param name="before">Decided before: what has not changed keeps its time and its words.</param>
    /// <param name="now">Steady, for what takes time.</param>
    /// <param name="clock">Time of day, for people.</param>
    public ImmutableArray<PopEligibility> Decide(EligibilityRow before, DateTimeOffset now, DateTimeOffset clock)
    {
        var decided = ImmutableArray.CreateBuilder<PopEligibility>(_order.Length);
        foreach (string pop in _order)
        {
            PopState known = _pops[pop];
            PopEvidence evidence = known.Until > now ? PopJudge.Weigh(known.Edges) : PopEvidence.Unknown;
            known.Judge = known.Judge.Step(evidence, now);
            known.Detail = evidence is PopEvidence.WantsOut or PopEvidence.Gone ? Words(known.Edges) : known.Detail;
            decided.Add(Keep(before.Find(pop), Of(pop, known, clock)));
        }

        return decided.MoveToImmutable();
    }

    /// <summary>PoPs other than this one that visitors are sent to.</summary>
    public IEnumerable<string> InServiceWithout(string pop) => _order.Where(other =>
        other != pop && _pops[other] is { Judge.State: EligibilityState.InService, Drain: not { State: DrainState.Draining } });

    private static PopEligibility Of(string pop, PopState known, DateTimeOffset clock) => known switch
    {
        { Drain: { State: DrainState.Draining } drain } => new PopEligibility(pop, EligibilityState.Draining, drain.Since ?? clock, Shortened(drain.Why)),
        { Judge.State: EligibilityState.InService } => new PopEligibility(pop, EligibilityState.InService, clock),
        _ => new PopEligibility(pop, known.Judge.State, clock, Shortened(known.Detail)),
    };

    private static PopEligibility Keep(PopEligibility? before, PopEligibility now) => before is not null && before.State == now.State ? before : now;

    private static string Words(ImmutableArray<EdgeSighting> edges) => string.Join(", ", edges.Select(edge => edge.Sight switch
    {
        EdgeSight.WantsOut => $"{edge.Edge} wants no visitors",
        _ => $"{edge.Edge} has stopped",
    }));

    private static string? Shortened(string? detail) =>
        detail is { Length: > PopEligibility.MaxDetailLength } ? detail[..(PopEligibility.MaxDetailLength - 1)] + "…" : detail;
}
