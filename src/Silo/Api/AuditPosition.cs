using System.Globalization;

namespace OrleansCdn.Silo.Api;

/// <summary>How far a reader of the audit trail has come, in each of its sources: everything at or above these was read.</summary>
/// <param name="Purge">Sequence in the purge log.</param>
/// <param name="Config">Version.</param>
/// <param name="Refused">Number of a refusal.</param>
internal readonly record struct AuditPosition(long Purge, long Config, long Refused)
{
    public static readonly AuditPosition Newest = new(long.MaxValue, long.MaxValue, long.MaxValue);

    /// <summary>Longest text that is looked at: three numbers of 19 digits and two dots.</summary>
    private const int MaxLength = 59;

    public static bool TryParse(string text, out AuditPosition position)
    {
        position = Newest;
        if (text.Length > MaxLength || text.Split('.') is not [string purge, string config, string refused]
            || !Number(purge, out long p) || !Number(config, out long c) || !Number(refused, out long r))
        {
            return false;
        }

        position = new AuditPosition(p, c, r);
        return true;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Purge}.{Config}.{Refused}");

    private static bool Number(string text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
