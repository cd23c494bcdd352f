using System.Runtime.CompilerServices;

namespace OrleansCdn.Dns.Tests.Geo;

/// <summary>The databases of <c>examples/geo</c>.</summary>
internal static class ExampleGeo
{
    public static string CountryPath => Beside("country.mmdb");

    public static string AsnPath => Beside("asn.mmdb");

    private static string Beside(string name, [CallerFilePath] string thisFile = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "../../../examples/geo", name));
}
