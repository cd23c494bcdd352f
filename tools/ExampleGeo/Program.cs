using System.Globalization;
using OrleansCdn.Dns.Geo;
using OrleansCdn.Dns.Geo.Mmdb;
using OrleansCdn.ExampleGeo;

// Makes the small databases of examples/geo from whole ones (examples/geo/README.md says from which).
switch (args)
{
    case ["country", string source, string target]:
        return Write(target, Coarse.Of(Read(source), "Example-Country", Coarse.CountryOf, Coarse.Country));
    case ["asn", string source, string target]:
        GeoDatabase asn = Read(source);
        HashSet<uint> largest = Coarse.Largest(asn);
        return Write(target, Coarse.Of(asn, "Example-ASN", record => largest.Contains(record.Asn) ? record : null, record => Coarse.As(asn, record)));
    default:
        Console.Error.WriteLine("usage: country|asn WHOLE.mmdb SMALL.mmdb");
        return 2;
}

static GeoDatabase Read(string path)
{
    GeoReadResult read = GeoDatabase.Read(File.ReadAllBytes(path));
    return read.Database ?? throw new InvalidDataException($"{path} {read.Error}");
}

static int Write(string path, MmdbWriter writer)
{
    byte[] file = writer.ToArray();
    File.WriteAllBytes(path, file);
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{path}: {file.Length} bytes, {Read(path).Metadata.NodeCount} nodes"));
    return 0;
}
