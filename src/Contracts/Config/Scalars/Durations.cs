using System.Globalization;

namespace OrleansCdn.Contracts.Config.Scalars;

/// <summary>A whole number with a unit: <c>250ms</c>, <c>30s</c>, <c>5m</c>, <c>1h</c>, <c>7d</c>.</summary>
internal static class Durations
{
    private static readonly (string Unit, long Milliseconds)[] Units =
        [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

    public static ScalarType<TimeSpan> Between(TimeSpan min, TimeSpan max) =>
        new($"a duration from {Format(min)} to {Format(max)}", (string text, out TimeSpan value) => Parse(text, min, max, out value), Format);

    /// <summary>For DNS, which counts in seconds (RFC 1035 §3.2.1).</summary>
    public static ScalarType<TimeSpan> WholeSecondsBetween(TimeSpan min, TimeSpan max) => new(
        $"a duration from {Format(min)} to {Format(max)} in whole seconds",
        (string text, out TimeSpan value) => Parse(text, min, max, out value)
            ?? (value.Ticks % TimeSpan.TicksPerSecond != 0 ? "is not a whole number of seconds" : null),
        Format);

    /// <summary>In the largest unit that gives a whole number; a config holds whole milliseconds.</summary>
    public static string Format(TimeSpan value)
    {
        if (value == TimeSpan.Zero)
        {
            return "0s";
        }

        long milliseconds = value.Ticks / TimeSpan.TicksPerMillisecond;
        foreach ((string unit, long size) in Units)
        {
            if (milliseconds % size == 0)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{milliseconds / size}{unit}");
            }
        }

        return string.Create(CultureInfo.InvariantCulture, $"{milliseconds}ms");
    }

    private static string? Parse(string text, TimeSpan min, TimeSpan max, out TimeSpan value)
    {
        value = TimeSpan.Zero;
        switch (UnitValue.Split(text, out long number, out string unit))
        {
            case UnitValueKind.NoNumber:
                return "is not a duration: write a whole number and a unit, for example 30s";
            case UnitValueKind.TooLarge:
                return "is out of range";
            case UnitValueKind.NoUnit when number != 0:
                return $"has no unit: write {number}s, or ms, m, h, d";
        }

        // Zero is the same in every unit, so a bare one is clear.
        long milliseconds = number == 0 && unit.Length == 0 ? 1 : Array.Find(Units, known => known.Unit == unit).Milliseconds;
        if (milliseconds == 0)
        {
            return "has an unknown unit: write ms, s, m, h or d";
        }

        if (number > max.Ticks / TimeSpan.TicksPerMillisecond / milliseconds)
        {
            return "is too long";
        }

        value = TimeSpan.FromMilliseconds(number * milliseconds);
        return value < min ? "is too short" : null;
    }
}
