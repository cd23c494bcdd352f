using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace OrleansCdn.Cli.Commands.Routing;

/// <summary>A moment: <c>02:00Z</c> is the next one, <c>+90m</c> is from now, and RFC 3339 with its offset says it in full.</summary>
internal static class RouteTime
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    public static Option<Func<DateTimeOffset, DateTimeOffset>?> Option(string name, string description) => new(name)
    {
        Description = description, HelpName = "TIME", CustomParser = Parse,
    };

    /// <summary>What is found depends on the time that it is after, which is known later.</summary>
    private static Func<DateTimeOffset, DateTimeOffset>? Parse(ArgumentResult argument)
    {
        string text = argument.Tokens[0].Value;
        if (TryParse(text) is { } moment)
        {
            return moment;
        }

        argument.AddError($"'{text}' is not a time: write 02:00Z (UTC), +90m, or 2026-01-31T02:00:00Z");
        return null;
    }

    /// <returns>The first such moment after another; null: not a time.</returns>
    public static Func<DateTimeOffset, DateTimeOffset>? TryParse(string text)
    {
        if (text.StartsWith('+') && DurationText.TryParse(text[1..], out TimeSpan wait) && wait > TimeSpan.Zero)
        {
            return now => now + wait;
        }

        if (TimeOnly.TryParseExact(text, ["HH:mm'Z'", "HH:mm:ss'Z'"], CultureInfo.InvariantCulture, DateTimeStyles.None, out TimeOnly time))
        {
            return now =>
            {
                var today = new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero) + time.ToTimeSpan();
                return today > now ? today : today + Day;
            };
        }

        // An offset is a must: a local time means another moment on another machine.
        string[] formats = ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];
        bool hasOffset = text.EndsWith('Z') || (text.Length > 6 && text[^6] is '+' or '-' && text[^3] == ':');
        return hasOffset && DateTimeOffset.TryParseExact(text, formats, CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTimeOffset moment)
            ? _ => moment
            : null;
    }
}
