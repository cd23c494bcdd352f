using System.Collections.Immutable;

namespace OrleansCdn.Contracts.Config;

/// <summary>What visitors see instead of an edge's own line of text when there is no answer from the origin.</summary>
public sealed record ErrorPageConfig
{
    /// <summary><c>502</c> or <c>5xx</c>.</summary>
    public ImmutableArray<string> Statuses { get => field.IsDefault ? [] : field; init; }

    public required string Body { get; init; }

    public required string ContentType { get; init; }

    /// <summary>Also in the place of the origin's own answers with these statuses.</summary>
    public required bool ReplaceOrigin { get; init; }
}
