using System.Globalization;

namespace OrleansCdn.Contracts.Config.Scalars;

internal enum UnitValueKind
{
    /// <summary>A number and a unit (which may be unknown).</summary>
    NumberAndUnit,

    /// <summary>A bare number.</summary>
    NoUnit,

    /// <summary>Not digits followed by letters.</summary>
    NoNumber,

    /// <summary>More digits than any value has.</summary>
    TooLarge,
}

/// <summary>Digits followed by a unit, with nothing or one space between.</summary>
internal static class UnitValue
{
    /// <summary>15 digits stay inside a long after any unit's factor was checked; the largest value (bytes of 64 TiB) has 14.</summary>
    private const int MaxDigits = 15;

    public static UnitValueKind Split(string text, out long number, out string unit)
    {
        number = 0;
        int digits = text.AsSpan().IndexOfAnyExceptInRange('0', '9');
        digits = digits < 0 ? text.Length : digits;
        unit = text[digits..];
        if (unit.StartsWith(' '))
        {
            unit = unit[1..];
        }

        foreach (char c in unit)
        {
            if (!char.IsAsciiLetter(c))
            {
                return UnitValueKind.NoNumber;
            }
        }

        if (digits == 0)
        {
            return UnitValueKind.NoNumber;
        }

        if (digits > MaxDigits)
        {
            return UnitValueKind.TooLarge;
        }

        number = long.Parse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture);
        return unit.Length == 0 ? UnitValueKind.NoUnit : UnitValueKind.NumberAndUnit;
    }
}
