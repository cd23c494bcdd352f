using System.Globalization;
using OrleansCdn.Contracts;

namespace OrleansCdn.Cli.Output;

/// <summary>Numbers as people read them.</summary>
internal static class Units
{
    private static readonly string[] Names = ["B", "KiB", "MiB", "GiB", "TiB"];

    public static string Bytes(long bytes)
    {
        double value = bytes;
        int unit = 0;
        while (value >= 1024 && unit < Names.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        return value.ToString(unit == 0 || value >= 100 ? "0" : "0.0", CultureInfo.InvariantCulture) + " " + Names[unit];
    }

    public static string Count(long value) => value.ToString("#,0", CultureInfo.InvariantCulture);

    public static string Rate(double perSecond) =>
        perSecond.ToString(perSecond is 0 or >= 10 ? "#,0" : "0.0", CultureInfo.InvariantCulture);

    /// <summary>Percent of <paramref name="whole"/>, or a dash while there is none.</summary>
    public static string Ratio(long part, long whole) =>
        whole == 0 ? "-" : (100.0 * part / whole).ToString("0.0", CultureInfo.InvariantCulture) + " %";

    public static string Age(TimeSpan age) => age.TotalSeconds < 2 ? "now" : Span(age) + " ago";

    public static string Span(TimeSpan span) => span switch
    {
        { TotalMinutes: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0} s"),
        { TotalHours: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalMinutes:0} min"),
        { TotalDays: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalHours:0} h"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{span.TotalDays:0} days"),
    };

    public static string Time(DateTimeOffset time) => UtcText.Of(time);
}
