using System.Globalization;
using OrleansCdn.Dns.Zones.Master;

namespace OrleansCdn.Dns.Zones.Rdata;

/// <summary>RFC 1876 §3: <c>52 14 05.000 N 21 01 0.000 E 100m 1m 10000m 10m</c>.</summary>
internal static class LocText
{
    /// <summary>The equator and the prime meridian (RFC 1876 §2).</summary>
    private const uint Zero = 0x8000_0000;

    /// <summary>Centimetres below the ellipsoid at which altitudes begin.</summary>
    private const decimal AltitudeBase = 10_000_000;

    private const decimal MaxAltitude = 4_284_967_295;

    public static void Read(RdataFields fields)
    {
        uint latitude = Angle(fields, "latitude", 90, 'N', 'S');
        uint longitude = Angle(fields, "longitude", 180, 'E', 'W');
        decimal altitude = Centimetres(fields, "altitude", fields.Next("altitude"), -AltitudeBase, MaxAltitude);
        byte size = Precision(fields, "size", 0x12);
        byte horizontal = Precision(fields, "horizontal precision", 0x16);
        byte vertical = Precision(fields, "vertical precision", 0x13);
        fields.Raw([0, size, horizontal, vertical]);
        fields.Put32(latitude);
        fields.Put32(longitude);
        fields.Put32((uint)(altitude + AltitudeBase));
    }

    /// <summary>Degrees, then minutes and seconds or not, then the hemisphere; in thousandths of a second of arc.</summary>
    private static uint Angle(RdataFields fields, string what, int max, char plus, char minus)
    {
        decimal thousandths = 0;
        decimal unit = 3_600_000;
        for (int i = 0; i < 4; i++)
        {
            MasterToken token = fields.Next(what);
            if (i > 0 && token.Text.Length == 1 && char.ToUpperInvariant(token.Text[0]) is char side && (side == plus || side == minus))
            {
                if (thousandths > max * 3_600_000)
                {
                    fields.Fail(token.Text, $"ends a {what} above {max} degrees", null);
                    return Zero;
                }

                return side == plus ? Zero + (uint)thousandths : Zero - (uint)thousandths;
            }

            NumberStyles style = i == 2 ? NumberStyles.AllowDecimalPoint : NumberStyles.None;
            if (i == 3 || !decimal.TryParse(token.Text, style, CultureInfo.InvariantCulture, out decimal number) || number >= (i == 0 ? max + 1 : 60))
            {
                break;
            }

            thousandths += number * unit;
            unit /= 60;
        }

        fields.Fail("LOC", $"has no {what}", $"such as 52 14 05.000 {plus}");
        return Zero;
    }

    private static byte Precision(RdataFields fields, string what, byte otherwise)
    {
        if (!fields.HasMore)
        {
            return otherwise;
        }

        decimal centimetres = Centimetres(fields, what, fields.Next(what), 0, 9_000_000_000);
        byte exponent = 0;
        for (; centimetres >= 10; centimetres /= 10)
        {
            exponent++;
        }

        return (byte)(((byte)centimetres << 4) | exponent);
    }

    private static decimal Centimetres(RdataFields fields, string what, MasterToken token, decimal min, decimal max)
    {
        string text = token.Text.TrimEnd('m', 'M');
        if (!decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out decimal metres)
            || Math.Abs(metres) > max || metres * 100 < min || metres * 100 > max)
        {
            fields.Fail(token.Text, $"is no {what}", "metres such as 100m");
            return 0;
        }

        return metres * 100;
    }
}
