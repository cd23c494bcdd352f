using System.Globalization;
using System.Net;
using OrleansCdn.Dns.Geo.Mmdb;

namespace OrleansCdn.Dns.Geo;

/// <summary>
/// AS numbers as they are published in tables: <c>first,last,asn,organization</c> a line, the ends of a range as addresses of one
/// family, the name in quotes where it has a comma.
/// </summary>
public static class AsnTable
{
    /// <summary>Twenty times the ranges of today's table of routes.</summary>
    public const int MaxLines = 10_000_000;

    private const int MaxLineLength = 1_024;
    private const int MaxNameLength = 128;

    /// <summary>Puts every line of a table into a database.</summary>
    /// <returns>What is wrong and in which line; null: nothing.</returns>
    public static string? AddTo(MmdbWriter writer, TextReader table)
    {
        for (int number = 1; table.ReadLine() is { } line; number++)
        {
            if (number > MaxLines || line.Length > MaxLineLength || !TryLine(line, out IPAddress? first, out IPAddress? last, out uint asn, out string name))
            {
                return string.Create(CultureInfo.InvariantCulture, $"line {number} is not 'first address,last address,AS number,name'");
            }

            if (asn != 0)
            {
                writer.Add(first!, last!, new MmdbValue.Map(("autonomous_system_number", asn), ("autonomous_system_organization", name)));
            }
        }

        return null;
    }

    private static bool TryLine(string line, out IPAddress? first, out IPAddress? last, out uint asn, out string name)
    {
        string[] fields = line.Split(',', 4);
        (first, last, asn, name) = (null, null, 0, "");
        if (fields.Length < 3
            || !IPAddress.TryParse(fields[0], out first)
            || !IPAddress.TryParse(fields[1], out last)
            || first.AddressFamily != last.AddressFamily
            || !uint.TryParse(fields[2], NumberStyles.None, CultureInfo.InvariantCulture, out asn))
        {
            return false;
        }

        if (fields.Length == 4)
        {
            name = fields[3].Trim('"').Replace("\"\"", "\"", StringComparison.Ordinal);
            name = name[..Math.Min(name.Length, MaxNameLength)];
        }

        return true;
    }
}
