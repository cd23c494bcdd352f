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

    public static string Error(SessionError error)
    {
        string code = error.Code is { } number ? string.Create(CultureInfo.InvariantCulture, $" {number}/{error.Subcode ?? 0}") : "";
        return error.Origin switch
        {
            SessionErrorOrigin.Received => $"the neighbour said{code} {PlainText.Of(error.Text)}",
            SessionErrorOrigin.Sent => $"the announcer said{code} {PlainText.Of(error.Text)}",
            _ => PlainText.Of(error.Text),
        };
    }
}
