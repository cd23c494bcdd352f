namespace OrleansCdn.Dns.Zones.Master;

/// <summary>Seconds, or numbers with the units that BIND has made usual: <c>1h30m</c>.</summary>
internal static class TtlText
{
    /// <summary>RFC 2181 §8.</summary>
    private const uint Max = int.MaxValue;

    public const string Form = "seconds up to 2147483647, or numbers with w, d, h, m, s such as 1h30m";

    public static bool TryParse(string text, out uint seconds)
    {
        seconds = 0;
        ulong sum = 0, number = 0;
        bool hasDigits = false, hasUnit = false;
        foreach (char c in text)
        {
            if (char.IsAsciiDigit(c))
            {
                number = (number * 10) + (ulong)(c - '0');
                hasDigits = true;
                if (number > Max)
                {
                    return false;
                }

                continue;
            }

            ulong unit = char.ToLowerInvariant(c) switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86_400, 'w' => 604_800, _ => 0 };
            if (unit == 0 || !hasDigits)
            {
                return false;
            }

            sum += number * unit;
            (number, hasDigits, hasUnit) = (0, false, true);
        }

        sum += number;
        if (sum > Max || (!hasDigits && !hasUnit))
        {
            return false;
        }

        seconds = (uint)sum;
        return true;
    }
}
