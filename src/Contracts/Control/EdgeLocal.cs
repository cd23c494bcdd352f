using System.Collections.Immutable;

namespace OrleansCdn.Contracts.Control;

/// <summary>What an edge tells the announcer beside it, once a second: the answer of <see cref="Path"/> on its admin listener.</summary>
public sealed record EdgeLocal
{
    public const string Path = "/local";

    /// <summary>Each edge of the network by name, and all checks with their evidence, are far below it.</summary>
    public const int MaxBytes = 256 * 1024;

    /// <summary>Twice what there is today; a newer edge beside an older announcer may have more.</summary>
    public const int MaxChecks = 16;

    public required string Pop { get; init; }

    public required string Edge { get; init; }

    /// <summary>Where it listens.</summary>
    public required EdgeAddresses Addresses { get; init; }

    /// <summary>A host that visitors can ask for over TLS; null: no site has a certificate.</summary>
    public string? TlsName { get; init; }

    /// <summary>Connections of visitors.</summary>
    public required long Connections { get; init; }

    /// <summary>Which other edges answer this one; null: none are asked.</summary>
    public EdgeReach? Reach { get; init; }

    // The generated JSON reader gives a member that was left out its type's default.
    /// <summary>What may need a look and withdraws nothing.</summary>
    public ImmutableArray<EdgeCheck> Checks { get; init => field = value.IsDefault ? [] : value; } = [];
}

/// <param name="Check">Its name, the same on all edges: <c>disk</c>, <c>memory</c> …</param>
/// <param name="IsOk">At this look.</param>
/// <param name="Evidence">What was seen, with numbers.</param>
public sealed record EdgeCheck(string Check, bool IsOk, string Evidence);
