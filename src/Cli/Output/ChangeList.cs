using System.Collections.Immutable;
using OrleansCdn.Contracts.Api;
using Spectre.Console;

namespace OrleansCdn.Cli.Output;

/// <summary>The difference between two configs, one line a change.</summary>
internal static class ChangeList
{
    public static void Write(IAnsiConsole console, ImmutableArray<ConfigChange> changes)
    {
        foreach (ConfigChange change in changes)
        {
            (string style, string text) = change switch
            {
                { Before: null } => ("green", $"+ {change.Path}: {change.After}"),
                { After: null } => ("red", $"- {change.Path}: {change.Before}"),
                _ => ("yellow", $"~ {change.Path}: {change.Before} -> {change.After}"),
            };
            console.WriteLine(text, Style.Parse(style));
        }
    }

    public static string Title(ConfigApplyReply difference) => difference.Version == 0
        ? $"First config, {Plural(difference.Changes.Length)}:"
        : $"{Plural(difference.Changes.Length)} against version {difference.Version}:";

    private static string Plural(int changes) => changes == 1 ? "1 change" : $"{changes} changes";
}
