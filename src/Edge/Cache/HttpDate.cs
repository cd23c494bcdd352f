namespace OrleansCdn.Edge.Cache;

/// <summary>
/// Dates of header fields (RFC 9110 §5.6.7): the one format that is sent and the two old ones that must be read. Anything
/// else is no date: a cache that guesses keeps things longer than their origin meant.
/// </summary>
public static class HttpDate
{
    private const string Months = "janfebmaraprmayjunjulaugsepoctnovdec";

    private static readonly string[] Weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

    /// <param name="now">Two-digit years (RFC 850) are read as at most fifty years ahead of it.</param>
    public static bool TryParse(string? text, DateTimeOffset now, out DateTimeOffset date)
    {
        ReadOnlySpan<char> rest = text;
        date = default;
        int comma = rest.IndexOf(',');
        if (comma < 0)
        {
            return TryParseAsctime(rest, out date);
        }

        ReadOnlySpan<char> day = rest[..comma];
        rest = rest[(comma + 1)..];
        if (day.Length == 3)
        {
            return IsWeekday(day, isShort: true) && TryParseFixed(rest, out date);
        }

        return IsWeekday(day, isShort: false) && TryParseRfc850(rest, now, out date);
    }

    /// <summary><c> 06 Nov 1994 08:49:37 GMT</c></summary>
    private static bool TryParseFixed(ReadOnlySpan<char> text, out DateTimeOffset date)
    {
        date = default;
        return text.Length == 25 && text[0] == ' ' && text[3] == ' ' && text[7] == ' ' && text[12] == ' '
            && TryDigits(text[1..3], out int day)
            && TryMonth(text[4..7], out int month)
            && TryDigits(text[8..12], out int year)
            && IsGmt(text[21..])
            && TryMake(year, month, day, text[13..21], out date);
    }

    /// <summary><c> 06-Nov-94 08:49:37 GMT</c></summary>
    private static bool TryParseRfc850(ReadOnlySpan<char> text, DateTimeOffset now, out DateTimeOffset date)
    {
        date = default;
        if (text.Length != 23 || text[0] != ' ' || text[3] != '-' || text[7] != '-' || text[10] != ' '
            || !TryDigits(text[1..3], out int day) || !TryMonth(text[4..7], out int month) || !TryDigits(text[8..10], out int year)
            || !IsGmt(text[19..]))
        {
            return false;
        }

        year += now.Year / 100 * 100;
        year -= year > now.Year + 50 ? 100 : 0;
        return TryMake(year, month, day, text[11..19], out date);
    }

    /// <summary><c>Sun Nov  6 08:49:37 1994</c></summary>
    private static bool TryParseAsctime(ReadOnlySpan<char> text, out DateTimeOffset date)
    {
        date = default;
        if (text.Length != 24 || text[3] != ' ' || text[7] != ' ' || text[10] != ' ' || text[19] != ' ' || !IsWeekday(text[..3], isShort: true))
        {
            return false;
        }

        ReadOnlySpan<char> day = text[8] == ' ' ? text[9..10] : text[8..10];
        return TryMonth(text[4..7], out int month)
            && TryDigits(day, out int dayOfMonth)
            && TryDigits(text[20..], out int year)
            && TryMake(year, month, dayOfMonth, text[11..19], out date);
    }

    private static bool TryMake(int year, int month, int day, ReadOnlySpan<char> time, out DateTimeOffset date)
    {
        date = default;
        if (time[2] != ':' || time[5] != ':'
            || !TryDigits(time[..2], out int hour) || !TryDigits(time[3..5], out int minute) || !TryDigits(time[6..], out int second)
            || year < 1 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 60)
        {
            return false;
        }

        // A leap second counts as the one before it: the calendar here has none.
        date = new DateTimeOffset(year, month, day, hour, minute, Math.Min(second, 59), TimeSpan.Zero);
        return true;
    }

    private static bool IsGmt(ReadOnlySpan<char> text) => text.Equals(" GMT", StringComparison.OrdinalIgnoreCase);

    private static bool IsWeekday(ReadOnlySpan<char> text, bool isShort)
    {
        foreach (string weekday in Weekdays)
        {
            if (text.Equals(isShort ? weekday.AsSpan(0, 3) : weekday, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private static bool TryMonth(ReadOnlySpan<char> text, out int month)
    {
        for (month = 1; month <= 12; month++)
        {
            if (text.Equals(Months.AsSpan((month - 1) * 3, 3), StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private static bool TryDigits(ReadOnlySpan<char> text, out int value)
    {
        value = 0;
        foreach (char c in text)
        {
            if (!char.IsAsciiDigit(c))
            {
                return false;
            }

            value = (value * 10) + (c - '0');
        }

        return true;
    }
}
