using System.Collections.Immutable;
using OrleansCdn.Contracts.Config.Binding;
using OrleansCdn.Contracts.Config.Scalars;

namespace OrleansCdn.Contracts.Config.Sections;

/// <summary>Keys whose values are alternatives of one community.</summary>
internal static class TemplateKeys
{
    public static ListKey<string> Of(string name, ScalarType<string> type, string meaning) =>
        new(name, type, 0, ConfigLimits.TemplatesPerAction, $"{meaning} Alternatives: the first that the numbers fit into is said.");

    public static ImmutableArray<string> Values(ImmutableArray<Found<string>> found) => [.. found.Select(f => f.Value)];
}
