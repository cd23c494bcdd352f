using System.Collections.Immutable;

namespace OrleansCdn.Contracts.Config;

/// <summary>What an edge compresses of what it has stored and got uncompressed.</summary>
public sealed record CompressionConfig
{
    /// <summary>Lower case: <c>text/css</c> or <c>text/*</c>.</summary>
    public ImmutableArray<string> ContentTypes { get => field.IsDefault ? [] : field; init; }

    /// <summary>Smaller bodies stay as they are.</summary>
    public required long MinBytes { get; init; }
}
