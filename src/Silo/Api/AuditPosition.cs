using System.Globalization;

namespace OrleansCdn.Silo.Api;

/// <summary>How far a reader of the audit trail has come, in each of its sources: everything at or above these was read.</summary>
/// <param name="Purge">Sequence in the purge log.</param>
/// <param name="Config">Version.</param>
/// <param name="Refused">Number of a refusal.</param>
/// <param name="Route">Place of a change of a route, see <see cref="Routing.RouteAudit"/>.</param>
internal readonly record struct AuditPosition(long Purge, long Config, long Refused, long Route)
{
    public static readonly AuditPosition Newest = new(long.MaxValue, long.MaxValue, long.MaxValue, long.MaxValue);

    /// <summary>Longest text that is looked at: four numbers of 19 digits and three dots.</summary>
    private const int MaxLength = 79;

    public static bool TryParse(string text, out AuditPosition position)
    {
        position = Newest;
        if (text.Length > MaxLength || text.Split('.') is not [string purge, string config, string refused, string route]
            || !Number(purge, out long p) || !Number(config, out long c) || !Number(refused, out long r) || !Number(route, out long ro))
        {
            return false;
        }

        position = new AuditPosition(p, c, r, ro);
        return true;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Purge}.{Config}.{Refused}.{Route}");

    private static bool Number(string text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
