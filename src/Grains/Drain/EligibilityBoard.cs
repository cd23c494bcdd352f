using System.Collections.Immutable;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Contracts.Failover;

namespace OrleansCdn.Grains.Drain;

/// <summary>
/// What is known of the PoPs of the config, and what follows from it. An operator's word counts at once and comes first; what edges
/// and announcers say is weighed over time (<see cref="PopJudge"/>). Pure: it is handed the time. In memory but for what it decided before.
/// </summary>
internal sealed class EligibilityBoard
{
    private readonly Dictionary<string, PopState> _pops = [];
    private ImmutableArray<string> _order = [];

    private sealed class PopState
    {
        public PopDrain? Drain { get; set; }

        public PopJudge Judge { get; set; }

        /// <summary>Null: nothing was heard yet.</summary>
        public PopSighting? Sighting { get; set; }

        /// <summary>Until when <see cref="Sighting"/> counts.</summary>
        public DateTimeOffset Until { get; set; }

        /// <summary>What they said last, for people.</summary>
        public string? Detail { get; set; }

        public PopJudge RouteJudge { get; set; }

        /// <summary>Null: nothing was heard yet.</summary>
        public AnnouncersSighting? Announcers { get; set; }

        /// <summary>Until when <see cref="Announcers"/> counts.</summary>
        public DateTimeOffset AnnouncersUntil { get; set; }

        /// <summary>What they said last, for people.</summary>
        public string? RouteDetail { get; set; }

        /// <summary>Neither edges nor announcers speak against it.</summary>
        public bool IsIn => Judge.State == EligibilityState.InService && RouteJudge.State == EligibilityState.InService;

        public bool Drains(string edge) => Drain?.Edges.Any(drain => drain.Edge == edge) == true;
    }

    /// <summary>The highest epoch that an edge was seen with.</summary>
    public long Observed { get; private set; }

    public bool Knows(string pop) => _pops.ContainsKey(pop);

    /// <param name="pops">Ids, of the config in force.</param>
    /// <param name="before">Whoever was out by what its edges or announcers said is out until they say otherwise.</param>
    /// <param name="announcing">Those of them that have upstreams; null: none.</param>
    public void Configure(ImmutableArray<string> pops, EligibilityRow before, IReadOnlySet<string>? announcing = null)
    {
        _order = pops;
        _pops.KeepOnly(pops);

        foreach (string pop in pops)
        {
            EligibilityState state = before.Find(pop)?.State ?? EligibilityState.InService;
            _pops.TryAdd(pop, new PopState
            {
                Judge = new PopJudge(state is EligibilityState.WantsOut or EligibilityState.Gone ? state : EligibilityState.InService),
                RouteJudge = new PopJudge(state == EligibilityState.Withdrawn ? state : EligibilityState.InService),
                RouteDetail = state == EligibilityState.Withdrawn ? before.Find(pop)!.Detail : null,
            });
            if (announcing?.Contains(pop) != true)
            {
                // Nobody is there who could say that its routes are back.
                (_pops[pop].RouteJudge, _pops[pop].Announcers) = (new PopJudge(EligibilityState.InService), null);
            }
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
            (state.Sighting, state.Until) = (sighting, now + GrainLimits.SubscriptionAge);
        }
    }

    public void Take(AnnouncersSighting sighting, DateTimeOffset now)
    {
        if (_pops.TryGetValue(sighting.Pop, out PopState? state))
        {
            (state.Announcers, state.AnnouncersUntil) = (sighting, now + GrainLimits.SubscriptionAge);
        }
    }

    /// <summary>PoPs whose grain has told nothing for long, or was never there: no edge of theirs has come since.</summary>
    public IEnumerable<string> Unheard(DateTimeOffset now) => _order.Where(pop => _pops[pop].Until <= now);

    /// <summary>How every PoP stands now.</summary>
    /// <param name="before">Decided before: what has not changed keeps its time and its words.</param>
    /// <param name="now">Steady, for what takes time.</param>
    /// <param name="clock">Time of day, for people.</param>
    public ImmutableArray<PopEligibility> Decide(EligibilityRow before, DateTimeOffset now, DateTimeOffset clock)
    {
        ImmutableArray<PopSighting> heard = [.. _order.Select(pop => _pops[pop]).Where(pop => pop.Until > now && pop.Sighting is not null).Select(pop => pop.Sighting!)];
        var decided = ImmutableArray.CreateBuilder<PopEligibility>(_order.Length);
        foreach (string pop in _order)
        {
            PopState known = _pops[pop];
            (PopEvidence evidence, string words) = Look(known, heard.FirstOrDefault(sighting => sighting.Pop == pop), heard);
            known.Judge = known.Judge.Step(evidence, now);
            known.Detail = words.Length > 0 ? words : known.Detail;
            (evidence, words) = LookAtRoutes(known, now);
            known.RouteJudge = known.RouteJudge.Step(evidence, now);
            known.RouteDetail = words.Length > 0 ? words : known.RouteDetail;
            decided.Add(Keep(before.Find(pop), Of(pop, known, clock)));
        }

        return decided.MoveToImmutable();
    }

    /// <summary>PoPs other than this one that visitors are sent to.</summary>
    public IEnumerable<string> InServiceWithout(string pop) => _order.Where(other =>
        other != pop && _pops[other] is { IsIn: true, Drain: not { IsOut: true } });

    /// <summary>PoPs for which something planned is due, those first that are out of service by it.</summary>
    public ImmutableArray<string> Due(DateTimeOffset now) =>
        [.. _order.Where(pop => _pops[pop].Drain?.NextDue <= now).OrderByDescending(pop => _pops[pop].Drain!.State == DrainState.Draining)];

    /// <summary>Edges of a PoP that serve, and that no operator drains, but for one.</summary>
    public IEnumerable<string> ServingWithout(string pop, string edge, DateTimeOffset now) =>
        _pops.TryGetValue(pop, out PopState? known) && known.Until > now && known.Sighting is { } sighting
            ? sighting.Edges.Where(other => other.Edge != edge && other.Sight == EdgeSight.Serving && !known.Drains(other.Edge)).Select(other => other.Edge)
            : [];

    /// <summary>Edges that visitors are to leave, of all PoPs.</summary>
    public ImmutableArray<string> DrainedEdges => [.. _order.SelectMany(pop => _pops[pop].Drain?.Edges ?? []).Select(drain => drain.Edge).Take(Eligibility.MaxDrainedEdges)];

    private static PopEligibility Of(string pop, PopState known, DateTimeOffset clock) => known switch
    {
        { Drain: { State: DrainState.Draining } drain } => new PopEligibility(pop, EligibilityState.Draining, drain.Since ?? clock, Shortened(drain.Why)),
        { Drain.Pin: { Pin: FailoverPin.Withdrawn } pin } =>
            new PopEligibility(pop, EligibilityState.Draining, pin.Since, Shortened($"pinned withdrawn{(pin.Why is null ? "" : $": {pin.Why}")}")),
        { IsIn: true } => new PopEligibility(pop, EligibilityState.InService, clock),
        { Judge.State: not EligibilityState.InService } => new PopEligibility(pop, known.Judge.State, clock, Shortened(known.Detail)),
        _ => new PopEligibility(pop, known.RouteJudge.State, clock, Shortened(known.RouteDetail)),
    };

    private static PopEligibility Keep(PopEligibility? before, PopEligibility now) => before is not null && before.State == now.State ? before : now;

    /// <returns>Words for people when the evidence speaks against the PoP; else none.</returns>
    private static (PopEvidence Evidence, string Words) Look(PopState known, PopSighting? pop, ImmutableArray<PopSighting> heard)
    {
        if (pop is null)
        {
            return (PopEvidence.Unknown, "");
        }

        ImmutableArray<(EdgeSighting Edge, string Words)> edges =
            [.. pop.Edges.Select(edge => Look(edge, known.Drains(edge.Edge), heard.Where(other => other.Pop != pop.Pop)))];
        PopEvidence evidence = PopJudge.Weigh([.. edges.Select(edge => edge.Edge)]);
        bool isAgainst = evidence is not (PopEvidence.Unknown or PopEvidence.Well);
        return (evidence, isAgainst ? string.Join(", ", edges.Select(edge => $"{edge.Edge.Edge} {edge.Words}")) : "");
    }

    private static (PopEvidence Evidence, string Words) LookAtRoutes(PopState known, DateTimeOffset now)
    {
        if (known.Announcers is not { } sighting || known.AnnouncersUntil <= now)
        {
            return (PopEvidence.Unknown, "");
        }

        PopEvidence evidence = PopJudge.Weigh(sighting.Servers);
        return (evidence, evidence == PopEvidence.Withdrawn ? string.Join(", ", sighting.Servers.Select(server => $"{server.Server} {server.Words}")) : "");
    }

    /// <summary>A silo's word that an edge serves is enough; what it does not hear others may have asked.</summary>
    private static (EdgeSighting Edge, string Words) Look(EdgeSighting edge, bool isDrained, IEnumerable<PopSighting> others)
    {
        if (isDrained && edge.Sight == EdgeSight.Serving)
        {
            return (edge with { Sight = EdgeSight.WantsOut }, "is drained");
        }

        if (edge.Sight is EdgeSight.Unknown or EdgeSight.Left && Silence.FoundBy(edge.Edge, others) is { IsEmpty: false } witnesses)
        {
            return (edge with { Sight = EdgeSight.Silent }, $"does not answer {string.Join(" and ", witnesses)}");
        }

        return (edge, edge.Sight == EdgeSight.WantsOut ? "wants no visitors" : "has stopped");
    }

    private static string? Shortened(string? detail) =>
        detail is { Length: > PopEligibility.MaxDetailLength } ? detail[..(PopEligibility.MaxDetailLength - 1)] + "…" : detail;
}
