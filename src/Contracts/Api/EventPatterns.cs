using System.Collections.Immutable;

namespace OrleansCdn.Contracts.Api;

/// <summary>Kinds of events by name: <c>SessionLost</c>, or with a star what begins so: <c>Session*</c>.</summary>
public static class EventPatterns
{
    /// <summary>Well above the longest kind.</summary>
    private const int MaxLength = 64;

    /// <summary>Right in form; of which kinds there are nothing is said.</summary>
    public static bool IsPattern(string text) =>
        text.Length is > 0 and <= MaxLength && (text.EndsWith('*') ? text[..^1] : text).All(char.IsAsciiLetter);

    /// <summary>Those of the patterns; all when there is no pattern.</summary>
    public static ImmutableArray<EventKind> Matching(ImmutableArray<string> patterns) =>
        [.. Enum.GetValues<EventKind>().Where(kind => patterns.IsEmpty || patterns.Any(pattern => Matches(pattern, kind)))];

    private static bool Matches(string pattern, EventKind kind)
    {
        string name = kind.ToString();
        return pattern.EndsWith('*') ? name.StartsWith(pattern[..^1], StringComparison.Ordinal) : name == pattern;
    }
}
