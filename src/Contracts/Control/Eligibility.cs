using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace OrleansCdn.Contracts.Control;

/// <summary>
/// Which PoPs DNS sends visitors to: decided once for the whole network and brought to every edge, so that all nameservers give the same
/// answer under the same <see cref="Epoch"/>. Immutable; replaces what was known when its epoch is higher (I8: never by an older one).
/// </summary>
public sealed record Eligibility : SiloMessage
{
    /// <summary>The network that this is made for has three to twenty.</summary>
    public const int MaxPops = 256;

    /// <summary>What a number in JSON holds exactly everywhere. One decision a second does not get there.</summary>
    public const long MaxEpoch = 1L << 53;

    /// <summary>Nothing was decided yet: every PoP is eligible.</summary>
    public static readonly Eligibility None = new() { Epoch = 0, Pops = [] };

    /// <summary>Goes up with every change, across restarts and lost databases; 0: <see cref="None"/>.</summary>
    public required long Epoch { get; init; }

    // The generated JSON reader gives a member that was left out its type's default.
    /// <summary>By id. A PoP that is not among them is eligible.</summary>
    public required ImmutableArray<PopEligibility> Pops { get; init => field = value.IsDefault ? [] : value; }

    /// <summary>As many as edges ask each other.</summary>
    public const int MaxDrainedEdges = EdgeReach.MaxEdges;

    /// <summary>Names of edges that visitors are to leave, of whatever PoP: other edges of theirs go on.</summary>
    public ImmutableArray<string> DrainedEdges { get => field.IsDefault ? [] : field; init; }

    /// <summary>Whether visitors of this edge are to go elsewhere, because an operator wants so: its PoP's or its own.</summary>
    public bool IsDraining(string pop, string edge) => Find(pop) is { State: EligibilityState.Draining } || DrainedEdges.Contains(edge);

    /// <summary>
    /// Whether visitors may be sent there. Where this is false for all PoPs of a list, the list is used as if it were true for all (I7):
    /// a visitor who is sent to a troubled PoP may be served, one who is sent nowhere is not.
    /// </summary>
    public bool IsEligible(string pop) => Find(pop) is not { IsEligible: false };

    /// <summary>Null: nothing was decided about it.</summary>
    public PopEligibility? Find(string pop)
    {
        foreach (PopEligibility known in Pops)
        {
            if (known.Pop == pop)
            {
                return known;
            }
        }

        return null;
    }
}

/// <param name="Pop">Id.</param>
/// <param name="State">Why visitors are sent there, or not.</param>
/// <param name="Since">When that began.</param>
/// <param name="Detail">What people ought to know of it: the operator's reason, or which edges say what; null: the state says it all.</param>
public sealed record PopEligibility(string Pop, EligibilityState State, DateTimeOffset Since, string? Detail = null)
{
    /// <summary>Of <see cref="Detail"/>.</summary>
    public const int MaxDetailLength = 256;

    [JsonIgnore]
    public bool IsEligible => State == EligibilityState.InService;
}

[JsonConverter(typeof(JsonStringEnumConverter<EligibilityState>))]
public enum EligibilityState
{
    /// <summary>Visitors are sent there. Also when silos alone hear nothing of it: their silence proves nothing.</summary>
    InService,

    /// <summary>An operator wants no visitors sent there.</summary>
    Draining,

    /// <summary>Every one of its edges has said itself that it wants no visitors.</summary>
    WantsOut,

    /// <summary>Every one of its edges has said that it stops, is silent to silos and to edges elsewhere, or wants no visitors.</summary>
    Gone,

    /// <summary>Every one of its announcers has withdrawn its routes. Edges are told <see cref="Gone"/>: to those of older software this value is none.</summary>
    Withdrawn,
}
