using System.Collections.Immutable;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Config.Diff;

namespace OrleansCdn.Contracts.Config;

/// <summary>What lies between two configs, key by key, in the spelling and the notation of the file.</summary>
public static class ConfigDiff
{
    /// <param name="before">Null: there was none, so everything is added.</param>
    /// <param name="after">The config that is to hold.</param>
    /// <returns>
    /// In the order of the file; empty when both say the same. Parts with an id stand under it (<c>pops.waw.edges.waw1.memory</c>),
    /// lists without ids under their place (<c>origins[0]</c>). Values of a list, such as hosts, come and go one by one under the
    /// list's path; a mere change of order shows both orders.
    /// </returns>
    public static ImmutableArray<ConfigChange> Between(CdnConfig? before, CdnConfig after)
    {
        ImmutableArray<ConfigChange>.Builder changes = ImmutableArray.CreateBuilder<ConfigChange>();
        Compare("", before is null ? null : ConfigTreeBuilder.Of(before), ConfigTreeBuilder.Of(after), changes);
        return changes.ToImmutable();
    }

    private static void Compare(string path, ConfigTree? before, ConfigTree? after, ImmutableArray<ConfigChange>.Builder changes)
    {
        switch (before, after)
        {
            case (ConfigBranch or null, ConfigBranch or null):
                CompareBranches(path, before as ConfigBranch, after as ConfigBranch, changes);
                break;
            case (ConfigValues or null, ConfigValues or null):
                CompareValues(path, (before as ConfigValues)?.Values ?? [], (after as ConfigValues)?.Values ?? [], changes);
                break;
            case (ConfigLeaf or null, ConfigLeaf or null):
                if (before != after)
                {
                    Add(path, (before as ConfigLeaf)?.Text, (after as ConfigLeaf)?.Text, changes);
                }

                break;
            default:
                throw new System.Diagnostics.UnreachableException($"two kinds of value at {path}");
        }
    }

    private static void CompareBranches(string path, ConfigBranch? before, ConfigBranch? after, ImmutableArray<ConfigChange>.Builder changes)
    {
        Dictionary<string, ConfigTree> old = ByName(before);
        Dictionary<string, ConfigTree> @new = ByName(after);
        foreach ((string name, ConfigTree tree) in before?.Children ?? [])
        {
            Compare(Join(path, name), tree, @new.GetValueOrDefault(name), changes);
        }

        foreach ((string name, ConfigTree tree) in after?.Children ?? [])
        {
            if (!old.ContainsKey(name))
            {
                Compare(Join(path, name), null, tree, changes);
            }
        }

        if (before is { OrderMatters: true } && after is not null)
        {
            CompareOrder(path, [.. before.Children.Select(child => child.Name)], [.. after.Children.Select(child => child.Name)], changes);
        }
    }

    private static void CompareValues(string path, ImmutableArray<string> before, ImmutableArray<string> after, ImmutableArray<ConfigChange>.Builder changes)
    {
        foreach (string gone in before.Except(after))
        {
            Add(path, gone, null, changes);
        }

        foreach (string come in after.Except(before))
        {
            Add(path, null, come, changes);
        }

        CompareOrder(path, before, after, changes);
    }

    private static void CompareOrder(string path, ImmutableArray<string> before, ImmutableArray<string> after, ImmutableArray<ConfigChange>.Builder changes)
    {
        // What came or went is said already; only those that stay can have changed places.
        ImmutableArray<string> was = [.. before.Intersect(after)];
        ImmutableArray<string> @is = [.. after.Intersect(before)];
        if (!was.SequenceEqual(@is))
        {
            Add(path, string.Join(", ", was), string.Join(", ", @is), changes);
        }
    }

    private static Dictionary<string, ConfigTree> ByName(ConfigBranch? branch) =>
        branch?.Children.ToDictionary(child => child.Name, child => child.Tree) ?? [];

    private static string Join(string path, string name) =>
        path.Length == 0 || name.StartsWith('[') ? path + name : $"{path}.{name}";

    private static void Add(string path, string? before, string? after, ImmutableArray<ConfigChange>.Builder changes) =>
        changes.Add(new ConfigChange { Path = path, Before = before, After = after });
}
