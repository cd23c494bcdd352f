using System.Globalization;

namespace OrleansCdn.Contracts.Config.Scalars;

internal static class Numbers
{
    public static ScalarType<int> Whole(int min, int max) => new(
        $"a whole number from {min} to {max}",
        (string text, out int value) =>
        {
            if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value))
            {
                return "is not a whole number in range";
            }

            return value < min || value > max ? "is out of range" : null;
        },
        value => value.ToString(CultureInfo.InvariantCulture));

    public static ScalarType<double> Degrees(int limit) => new(
        $"degrees from -{limit} to {limit}",
        (string text, out double value) =>
        {
            const NumberStyles Decimal = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;
            if (!double.TryParse(text, Decimal, CultureInfo.InvariantCulture, out value) || !double.IsFinite(value))
            {
                return "is not a number of degrees";
            }

            return Math.Abs(value) > limit ? "is out of range" : null;
        },
        value => value.ToString(CultureInfo.InvariantCulture));

    public static readonly ScalarType<bool> Flag = new(
        "true or false",
        (string text, out bool value) =>
        {
            value = text == "true";
            return text is "true" or "false" ? null : "is neither true nor false";
        },
        value => value ? "true" : "false");

    /// <summary>AS numbers that can stand in a path: not 0 (RFC 7607), AS_TRANS (RFC 6793) or the last ones (RFC 7300).</summary>
    public static readonly ScalarType<uint> Asn = new(
        "an AS number from 1 to 4294967294, but for 23456 and 65535",
        (string text, out uint value) =>
        {
            if (text.StartsWith("AS", StringComparison.OrdinalIgnoreCase))
            {
                value = 0;
                return "is not a number: leave out the AS before it";
            }

            if (!uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value))
            {
                return "is not an AS number";
            }

            return value is 0 or 23456 or 65535 or uint.MaxValue ? "is a reserved AS number that nothing may announce" : null;
        },
        value => value.ToString(CultureInfo.InvariantCulture));
}
