using System.Collections.Immutable;

namespace OrleansCdn.Contracts.Config.Diff;

/// <summary>A config as the file would show it, with every default filled in.</summary>
internal abstract record ConfigTree;

internal sealed record ConfigLeaf(string Text) : ConfigTree;

/// <param name="Children">In their order, names are unique: keys, ids, or <c>[0]</c> in lists.</param>
/// <param name="OrderMatters">The order is the operator's (ids in a file), not this program's (keys).</param>
internal sealed record ConfigBranch(ImmutableArray<(string Name, ConfigTree Tree)> Children, bool OrderMatters) : ConfigTree;

/// <summary>Values without names, such as hosts: one that comes or goes is one difference, wherever it stands.</summary>
internal sealed record ConfigValues(ImmutableArray<string> Values) : ConfigTree;
