using System.Collections.Immutable;
using System.Diagnostics;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Grains.Drain;

/// <summary>What all edges of a PoP together say.</summary>
internal enum PopEvidence
{
    /// <summary>Not enough is known: an edge that is out of sight may serve. What was decided stays.</summary>
    Unknown,

    /// <summary>An edge serves.</summary>
    Well,

    /// <summary>None of them serves: each wants no visitors.</summary>
    WantsOut,

    /// <summary>None of them serves, and some have said that they stop.</summary>
    Gone,

    /// <summary>Said by announcers: each has withdrawn its routes.</summary>
    Withdrawn,

    /// <summary>None of them serves: neither silos hear them nor do they answer edges elsewhere, who have asked several times.</summary>
    Silent,
}

/// <summary>
/// Whether a PoP's edges let visitors be sent there. Only what edges have said, of themselves for some time without a break or of those that do
/// not answer them, takes a PoP out: a silo that sees nobody may be the one that is cut off. Pure: it is handed the time.
/// </summary>
/// <param name="State">By the edges alone: never <see cref="EligibilityState.Draining"/>.</param>
/// <param name="Against">Since when they say otherwise than <paramref name="State"/>; null: they do not.</param>
internal readonly record struct PopJudge(EligibilityState State, DateTimeOffset? Against = null)
{
    /// <summary>An edge that is restarted is back before, and DNS caches keep an answer for longer than this anyway.</summary>
    public static readonly TimeSpan FallAfter = FeedProtocol.SilenceLimit;

    /// <summary>An edge that comes and goes is not sent visitors in between.</summary>
    public static readonly TimeSpan RiseAfter = 2 * FeedProtocol.HeartbeatInterval;

    public static PopEvidence Weigh(ImmutableArray<EdgeSighting> edges)
    {
        if (edges.IsDefaultOrEmpty)
        {
            return PopEvidence.Unknown;
        }

        bool isUnknown = false;
        bool hasGone = false;
        bool areAllSilent = true;
        foreach (EdgeSighting edge in edges)
        {
            areAllSilent &= edge.Sight == EdgeSight.Silent;
            switch (edge.Sight)
            {
                case EdgeSight.Serving:
                    return PopEvidence.Well;
                case EdgeSight.Unknown:
                    isUnknown = true;
                    break;
                case EdgeSight.Left or EdgeSight.Silent:
                    hasGone = true;
                    break;
                case EdgeSight.WantsOut:
                    break;
                default:
                    throw new UnreachableException($"no such sight: {edge.Sight}");
            }
        }

        return isUnknown ? PopEvidence.Unknown : areAllSilent ? PopEvidence.Silent : hasGone ? PopEvidence.Gone : PopEvidence.WantsOut;
    }

    /// <summary>One that announces is enough for a PoP; one out of sight is enough not to know. A PoP without any is judged by its edges alone.</summary>
    public static PopEvidence Weigh(ImmutableArray<AnnouncerSighting> servers) =>
        servers.IsEmpty || servers.Any(server => server.Sight == AnnouncerSight.Announced) ? PopEvidence.Well
        : servers.All(server => server.Sight == AnnouncerSight.Withdrawn) ? PopEvidence.Withdrawn
        : PopEvidence.Unknown;

    public PopJudge Step(PopEvidence evidence, DateTimeOffset now)
    {
        EligibilityState? said = evidence switch
        {
            PopEvidence.Unknown => null,
            PopEvidence.Well => EligibilityState.InService,
            PopEvidence.WantsOut => EligibilityState.WantsOut,
            PopEvidence.Gone or PopEvidence.Silent => EligibilityState.Gone,
            PopEvidence.Withdrawn => EligibilityState.Withdrawn,
            _ => throw new UnreachableException($"no such evidence: {evidence}"),
        };
        bool isIn = State == EligibilityState.InService;
        if (said is not { } state || isIn == (state == EligibilityState.InService))
        {
            // Out for one reason or for another is out: the reason may change at once.
            return new PopJudge(said ?? State);
        }

        // Silence was waited for where it was found, and a withdrawal where it was decided.
        TimeSpan wait = !isIn ? RiseAfter : evidence is PopEvidence.Silent or PopEvidence.Withdrawn ? TimeSpan.Zero : FallAfter;
        DateTimeOffset since = Against ?? now;
        return now - since >= wait ? new PopJudge(state) : this with { Against = since };
    }
}
