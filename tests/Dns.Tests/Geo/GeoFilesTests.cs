using System.Net;
using OrleansCdn.Contracts.Dns;
using OrleansCdn.Dns.Geo;
using OrleansCdn.Dns.Geo.Mmdb;

namespace OrleansCdn.Dns.Tests.Geo;

public sealed class GeoFilesTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("geo-files-").FullName;

    private string CountryPath => Path.Combine(_directory, "country.mmdb");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void A_missing_database_is_a_state_and_comes_into_force_when_it_comes()
    {
        var files = new GeoFiles(CountryPath, null);
        Assert.False(files.Look());
        Assert.Equal((GeoFileState.Missing, GeoFileState.NotConfigured), (files.Country.State, files.Asn.State));
        Assert.Null(files.Current.Country);

        Put("PL");
        Assert.True(files.Look());
        Assert.Equal((GeoFileState.InForce, "test of PL"), (files.Country.State, files.Country.Type));
        Assert.Equal("PL", Found(files));
        Assert.False(files.Look());
    }

    [Fact]
    public void Another_file_is_read_when_it_has_settled_and_a_damaged_or_missing_one_takes_nothing_away()
    {
        Put("PL");
        var files = new GeoFiles(CountryPath, Path.Combine(_directory, "nowhere", "asn.mmdb"));
        Assert.True(files.Look());

        Put("US");
        Assert.False(files.Look());
        Assert.Equal("PL", Found(files));
        Assert.True(files.Look());
        Assert.Equal("US", Found(files));

        Write("no database"u8.ToArray());
        Assert.False(files.Look());
        Assert.False(files.Look());
        Assert.Equal((GeoFileState.Unusable, "test of US"), (files.Country.State, files.Country.Type));
        Assert.Contains("is not a MaxMind DB", files.Country.Error);
        Assert.Equal("US", Found(files));

        File.Delete(CountryPath);
        Assert.False(files.Look());
        Assert.Equal(GeoFileState.Missing, files.Country.State);
        Assert.Equal("US", Found(files));

        Put("DE");
        files.Look();
        files.Look();
        Assert.Equal("DE", Found(files));
    }

    private void Put(string country)
    {
        var writer = new MmdbWriter { DatabaseType = "test of " + country, Built = DateTimeOffset.UnixEpoch };
        writer.Add(IPNetwork.Parse("1.0.0.0/8"), MmdbReaderTests.Country(country));
        Write(writer.ToArray());
    }

    private void Write(byte[] content)
    {
        File.WriteAllBytes(CountryPath + ".new", content);
        File.Move(CountryPath + ".new", CountryPath, overwrite: true);
    }

    private static string? Found(GeoFiles files) => files.Current.Find(true, MmdbReaderTests.Bits("1.2.3.4")).Country.ToText();
}
