using System.Collections.Immutable;
using System.Text.Json.Serialization;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Contracts.Dns;

/// <summary>What a nameserver would answer, and why.</summary>
public sealed record DnsExplanation
{
    /// <summary>Absolute, lower case, without the dot at its end.</summary>
    public required string Name { get; init; }

    public required DnsNameKind Kind { get; init; }

    /// <summary>The zone that it is in, without the dot at its end; null: none of this CDN's.</summary>
    public string? Zone { get; init; }

    /// <summary>Names that it is an alias of, in their order.</summary>
    public ImmutableArray<string> Aliases { get => field.IsDefault ? [] : field; init; }

    /// <summary>How the order of PoPs came about; null: the name is not steered, or steering is not compiled.</summary>
    public SteeringExplanation? Steering { get; init; }

    /// <summary>The resolver's own address decided, and not the client's network, which it did not send or which says nothing.</summary>
    public bool ByResolver { get; init; }

    /// <summary>PoPs in the order in which they are tried; empty: the name is not steered.</summary>
    public ImmutableArray<DnsPopChoice> Pops { get => field.IsDefault ? [] : field; init; }

    /// <summary>What A and AAAA answers give.</summary>
    public ImmutableArray<string> Addresses { get => field.IsDefault ? [] : field; init; }

    /// <summary>The PoP whose addresses these are, by family where they differ; empty: there are none.</summary>
    public ImmutableArray<string> Chosen { get => field.IsDefault ? [] : field; init; }

    /// <summary>0: from a file.</summary>
    public long ConfigVersion { get; init; }

    /// <summary>Of the decision which PoPs are eligible.</summary>
    public long Epoch { get; init; }
}

[JsonConverter(typeof(JsonStringEnumConverter<DnsNameKind>))]
public enum DnsNameKind
{
    /// <summary>The answer depends on who asks.</summary>
    Steered,

    /// <summary>Everybody is answered the same.</summary>
    Static,

    /// <summary>The zone is another server's from there on.</summary>
    Delegated,

    /// <summary>There is no such name in the zone.</summary>
    NoName,

    /// <summary>No zone of this CDN has it.</summary>
    NoZone,
}

/// <param name="Pop">Id.</param>
/// <param name="HasAddresses">False: the config gives its servers none, and it is passed over.</param>
/// <param name="State">Whether visitors are sent there now; null: nothing was decided of it, so they are.</param>
/// <param name="Detail">Of the state; null: there is none.</param>
public sealed record DnsPopChoice(string Pop, bool HasAddresses, EligibilityState? State = null, string? Detail = null);
