using OrleansCdn.Dns.Geo.Mmdb;

namespace OrleansCdn.Dns.Geo;

/// <summary>
/// Records of the layouts that are around: GeoIP2 Country and City (<c>country.iso_code</c>, <c>registered_country.iso_code</c>,
/// <c>continent.code</c>, <c>location.latitude</c> …), GeoIP2 ASN, and the flat ones (<c>country_code</c>, <c>latitude</c> …). What a
/// record has beside them is passed over.
/// </summary>
internal static class GeoRecordReader
{
    /// <param name="section">Data section.</param>
    /// <param name="at">Where in it.</param>
    /// <param name="left">Values that may still be looked at in all; goes down.</param>
    /// <param name="fault">Null: the record can be used.</param>
    public static GeoRecord Read(ReadOnlySpan<byte> section, int at, ref long left, out string? fault)
    {
        var data = new MmdbData(section, (int)Math.Min(MmdbData.ValuesPerRecord, left));
        GeoRecord record = GeoRecord.Nothing;
        MmdbItem map = data.Read(at, out int next);
        if (map.Type != MmdbType.Map)
        {
            data.Fail(at, "a record that is no map");
        }

        next = map.Start;
        for (int i = 0; i < map.Size && data.Fault is null; i++)
        {
            ReadOnlySpan<byte> key = data.Text(data.Read(next, out next));
            int valueAt = next;
            next = data.Skip(next);
            record = With(record, key, valueAt, ref data);
        }

        fault = data.Fault;
        left -= data.Used;
        return record.Continent.IsKnown ? record : record with { Continent = CountryTable.ContinentOf(record.Country) };
    }

    private static GeoRecord With(GeoRecord record, ReadOnlySpan<byte> key, int at, ref MmdbData data)
    {
        switch (key)
        {
            case var _ when key.SequenceEqual("country"u8) || key.SequenceEqual("country_code"u8):
                return record with { Country = Code(at, "iso_code"u8, ref data) };
            case var _ when key.SequenceEqual("registered_country"u8):
                return record with { RegisteredCountry = Code(at, "iso_code"u8, ref data) };
            case var _ when key.SequenceEqual("continent"u8) || key.SequenceEqual("continent_code"u8):
                return record with { Continent = Code(at, "code"u8, ref data) };
            case var _ when key.SequenceEqual("location"u8):
                double north = data.Real(Member(at, "latitude"u8, ref data));
                double east = data.Real(Member(at, "longitude"u8, ref data));
                return record with { Latitude = Degrees(north, 90), Longitude = Degrees(east, 180) };
            case var _ when key.SequenceEqual("latitude"u8):
                return record with { Latitude = Degrees(data.Real(data.Read(at, out int _)), 90) };
            case var _ when key.SequenceEqual("longitude"u8):
                return record with { Longitude = Degrees(data.Real(data.Read(at, out int _)), 180) };
            case var _ when key.SequenceEqual("autonomous_system_number"u8):
                return record with { Asn = data.Number(data.Read(at, out int _)) is { } asn and <= uint.MaxValue ? (uint)asn : 0 };
            case var _ when key.SequenceEqual("autonomous_system_organization"u8):
                MmdbItem name = data.Read(at, out int _);
                return name.Type == MmdbType.Utf8 ? record with { OrganizationAt = name.Start, OrganizationBytes = name.Size } : record;
            default:
                return record;
        }
    }

    /// <summary>The value of a map's key; the default item, whose type is none of values, when there is none.</summary>
    private static MmdbItem Member(int at, ReadOnlySpan<byte> name, ref MmdbData data)
    {
        MmdbItem map = data.Read(at, out int _);
        if (map.Type != MmdbType.Map)
        {
            return default;
        }

        int next = map.Start;
        for (int i = 0; i < map.Size && data.Fault is null; i++)
        {
            if (data.Text(data.Read(next, out next)).SequenceEqual(name))
            {
                return data.Read(next, out int _);
            }

            next = data.Skip(next);
        }

        return default;
    }

    /// <summary>A code as it stands, as flat layouts have it, or a map's member.</summary>
    private static GeoCode Code(int at, ReadOnlySpan<byte> member, ref MmdbData data)
    {
        MmdbItem item = data.Read(at, out int _);
        return GeoCode.TryParse(data.Text(item.Type == MmdbType.Map ? Member(at, member, ref data) : item), out GeoCode code) ? code : default;
    }

    private static float Degrees(double value, double most) => Math.Abs(value) <= most ? (float)value : float.NaN;
}
