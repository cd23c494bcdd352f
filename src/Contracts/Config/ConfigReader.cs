using System.Collections.Immutable;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Contracts.Config;

/// <summary>Either a valid config or every mistake of the text, in the order of the file.</summary>
public sealed record ConfigReadResult(CdnConfig? Config, ImmutableArray<ConfigError> Errors);
