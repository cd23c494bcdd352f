using System.CommandLine.Parsing;
using System.Globalization;

namespace OrleansCdn.Cli.Commands;

/// <summary>Durations on the command line, written as in the config: a number and ms, s, m, h or d.</summary>
internal static class DurationText
{
    // PurgeRequest.DeadlineMs: what the API accepts.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan LongestAge = TimeSpan.FromDays(3650);

    public static TimeSpan? Parse(ArgumentResult argument)
    {
        string text = argument.Tokens[0].Value;
        if (TryParse(text, out TimeSpan value) && value >= TimeSpan.FromMilliseconds(1) && value <= Longest)
        {
            return value;
        }

        argument.AddError($"'{text}' is not a time from 1ms to {Longest.TotalSeconds:0}s, like 500ms, 10s or 1m");
        return null;
    }

    /// <summary>How long ago something was, up to ten years.</summary>
    public static TimeSpan? ParseAge(ArgumentResult argument)
    {
        string text = argument.Tokens[0].Value;
        if (TryParse(text, out TimeSpan value) && value > TimeSpan.Zero && value <= LongestAge)
        {
            return value;
        }

        argument.AddError($"'{text}' is not a time, like 30m, 2h or 7d");
        return null;
    }

    public static bool TryParse(string text, out TimeSpan value)
    {
        value = default;
        (int suffix, double unit) = text switch
        {
            _ when text.EndsWith("ms", StringComparison.Ordinal) => (2, 1.0),
            _ when text.EndsWith('s') => (1, 1_000.0),
            _ when text.EndsWith('m') => (1, 60_000.0),
            _ when text.EndsWith('h') => (1, 3_600_000.0),
            _ when text.EndsWith('d') => (1, 86_400_000.0),
            _ => (0, 0.0),
        };
        if (suffix == 0
            || !uint.TryParse(text.AsSpan(0, text.Length - suffix), NumberStyles.None, CultureInfo.InvariantCulture, out uint number))
        {
            return false;
        }

        value = TimeSpan.FromMilliseconds(number * unit);
        return true;
    }
}
