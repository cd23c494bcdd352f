using System.Globalization;
using OrleansCdn.Cli.Output;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Cli.Commands.Routing;

/// <summary>Parts of sessions for people.</summary>
internal static class BgpText
{
    /// <summary><c>3d 04:05:06</c>; below a day <c>04:05:06</c>.</summary>
    public static string Duration(TimeSpan time)
    {
        TimeSpan value = time < TimeSpan.Zero ? TimeSpan.Zero : time;
        return value.ToString(value.TotalDays >= 1 ? "d'd 'hh':'mm':'ss" : "hh':'mm':'ss", CultureInfo.InvariantCulture);
    }

    /// <summary>Null: not negotiated.</summary>
    public static string? Timers(ObservedSession session) => session.HoldSeconds switch
    {
        null => null,
        0 => "none: the neighbour wants no keepalives",
        { } hold => string.Create(CultureInfo.InvariantCulture, $"{hold} s / {session.KeepaliveSeconds} s"),
    };

    public static string Error(SessionError error)
    {
        string text = PlainText.Of(error.Text);
        string code = error.Code is { } number ? string.Create(CultureInfo.InvariantCulture, $"({number}/{error.Subcode ?? 0})") : "";

        // The names of a NOTIFICATION come with their numbers.
        string said = code.Length == 0 || text.Contains(code, StringComparison.Ordinal) ? text : $"{text} {code}";
        return error.Origin switch
        {
            SessionErrorOrigin.Received => $"the neighbour said {said}",
            SessionErrorOrigin.Sent => $"the announcer said {said}",
            _ => said,
        };
    }
}
