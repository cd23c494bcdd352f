using System.Globalization;

namespace OrleansCdn.Contracts.Config.Scalars;

/// <summary>A whole number with a unit: <c>512KiB</c>, <c>64MiB</c>, <c>2GiB</c>, or decimal <c>64MB</c>.</summary>
internal static class Sizes
{
    /// <summary>Largest first, binary before decimal: the order in which <see cref="Format"/> tries them.</summary>
    private static readonly (string Unit, long Bytes)[] Units =
    [
        ("TiB", 1L << 40), ("GiB", 1L << 30), ("MiB", 1L << 20), ("KiB", 1L << 10),
        ("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("KB", 1_000), ("B", 1),
    ];

    public static ScalarType<long> Between(long min, long max) =>
        new($"a size from {Format(min)} to {Format(max)}", (string text, out long value) => Parse(text, min, max, out value), Format);

    /// <summary>In the largest unit that gives a whole number.</summary>
    public static string Format(long bytes)
    {
        foreach ((string unit, long size) in Units)
        {
            if (bytes != 0 && bytes % size == 0)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{bytes / size}{unit}");
            }
        }

        return "0B";
    }

    private static string? Parse(string text, long min, long max, out long value)
    {
        value = 0;
        switch (UnitValue.Split(text, out long number, out string unit))
        {
            case UnitValueKind.NoNumber:
                return "is not a size: write a whole number and a unit, for example 64MiB";
            case UnitValueKind.TooLarge:
                return "is out of range";
            case UnitValueKind.NoUnit:
                return $"has no unit: write {number}MiB, or B, KiB, GiB, TiB, KB, MB, GB, TB";
        }

        long bytes = Array.Find(Units, known => known.Unit == unit).Bytes;
        if (bytes == 0)
        {
            return "has an unknown unit: write B, KiB, MiB, GiB, TiB, KB, MB, GB or TB";
        }

        if (number > max / bytes)
        {
            return "is too large";
        }

        value = number * bytes;
        return value < min ? "is too small" : null;
    }
}
