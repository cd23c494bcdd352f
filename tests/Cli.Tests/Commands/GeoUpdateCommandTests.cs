using System.Net;
using System.Text;
using System.Text.Json;
using OrleansCdn.Cli.Geo;
using OrleansCdn.Dns.Geo;
using OrleansCdn.Dns.Geo.Mmdb;
using OrleansCdn.Dns.Steering;

namespace OrleansCdn.Cli.Tests.Commands;

public sealed class GeoUpdateCommandTests : IDisposable
{
    private const string Country = "@test/country-mmdb";
    private const string Asn = "@test/asn";

    private readonly string _directory = Directory.CreateTempSubdirectory("geo-update-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Databases_and_tables_are_installed_once_and_again_when_there_is_a_newer_one()
    {
        await using TestRegistry registry = await TestRegistry.StartAsync();
        registry.Publish(Country, "1.0.0", TestRegistry.Pack(
            ("package/x-ipv4.mmdb", [1]), ("package/../../x.mmdb", Countries("PL")), ("package/NRO_LICENSE", "attribution"u8.ToArray()), ("package/README.md", [2])));
        registry.Publish(Asn, "7", TestRegistry.Pack(
            ("package/asn-ipv4.csv", Encoding.UTF8.GetBytes("1.0.0.0,1.0.0.255,13335,\"Cloudflare, Inc.\"\n1.0.4.0,1.0.7.255,38803,Gtelecom Pty Ltd\n")),
            ("package/asn-ipv6.csv", Encoding.UTF8.GetBytes("2001:200::,2001:200:1b9:ffff:ffff:ffff:ffff:ffff,2500,WIDE Project\n"))));

        CliRun run = await RunAsync(registry);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("@test/country-mmdb 1.0.0: " + File("country.mmdb"), run.Out);
        Assert.Equal("PL", Find("country.mmdb", "1.2.3.4").Country.ToText());
        Assert.Equal(13335u, Find("asn.mmdb", "1.0.0.200").Asn);
        Assert.Equal(0u, Find("asn.mmdb", "1.0.1.0").Asn);
        Assert.Equal(2500u, Find("asn.mmdb", "2001:200:1b9::1").Asn);
        Assert.Equal("NRO_LICENSE\nattribution", await System.IO.File.ReadAllTextAsync(File("country.mmdb.license")));
        Assert.Equal(["asn.mmdb", "country.mmdb", "country.mmdb.license", "packages.json"], Directory.GetFiles(_directory).Select(Path.GetFileName).Order());

        Assert.Contains("is current", (await RunAsync(registry)).Out);
        Assert.Equal(2, registry.Ranges.Count);

        // A file that somebody has damaged is not current.
        await System.IO.File.WriteAllTextAsync(File("country.mmdb"), "oops");
        registry.Publish(Asn, "8", TestRegistry.Pack(("package/asn-ipv4.csv", "1.0.0.0,1.0.0.255,64500,Other\n"u8.ToArray())));
        GeoUpdateReply reply = JsonSerializer.Deserialize((await RunAsync(registry, "--json")).Out, GeoJson.Default.GeoUpdateReply)!;
        Assert.Equal([(GeoPackageState.Updated, "1.0.0"), (GeoPackageState.Updated, "8")], reply.Packages.Select(p => (p.State, p.Version!)));
        Assert.Equal(64500u, Find("asn.mmdb", "1.0.0.200").Asn);
        Assert.Equal("PL", Find("country.mmdb", "1.2.3.4").Country.ToText());
    }

    [Fact]
    public async Task A_download_that_broke_off_goes_on_where_it_was()
    {
        await using TestRegistry registry = await TestRegistry.StartAsync();
        await BrokenOffAsync(registry);
        Assert.Equal(0, (await RunAsync(registry, Only(Country))).ExitCode);
        Assert.Equal("", registry.Ranges.First());
        Assert.StartsWith("bytes=", registry.Ranges.Last());
        Assert.NotEqual("bytes=0-", registry.Ranges.Last());
        Assert.Equal("PL", Find("country.mmdb", "1.2.3.4").Country.ToText());
    }

    [Fact]
    public async Task A_registry_that_knows_no_ranges_sends_all_of_it_again()
    {
        await using TestRegistry registry = await TestRegistry.StartAsync();
        await BrokenOffAsync(registry);
        registry.KnowsRanges = false;
        Assert.Equal(0, (await RunAsync(registry, Only(Country))).ExitCode);
        Assert.StartsWith("bytes=", registry.Ranges.Last());
        Assert.Equal("PL", Find("country.mmdb", "1.2.3.4").Country.ToText());
    }

    [Fact]
    public async Task A_package_that_does_not_end_is_given_up_and_takes_no_disk()
    {
        await using TestRegistry registry = await TestRegistry.StartAsync();
        await BrokenOffAsync(registry);
        var part = new FileInfo(Assert.Single(Directory.GetFiles(_directory, ".*.part")));
        using (FileStream file = part.OpenWrite())
        {
            file.SetLength(NpmRegistry.MaxTarballBytes - 1000);
        }

        registry.IsEndless = true;
        CliRun run = await RunAsync(registry, Only(Country));
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("has more than", run.Error);
        part.Refresh();
        Assert.Equal(0, part.Length);
    }

    private async Task BrokenOffAsync(TestRegistry registry)
    {
        byte[] noise = new byte[300_000];
        new Random(1).NextBytes(noise);
        registry.Publish(Country, "1", TestRegistry.Pack(("package/noise", noise), ("package/x.mmdb", Countries("PL"))));
        registry.BreakAfter = 100_000;
        CliRun broken = await RunAsync(registry, Only(Country));
        registry.BreakAfter = null;
        Assert.Equal(1, broken.ExitCode);
        Assert.Contains("what has come is kept, try again", broken.Error);
        Assert.False(System.IO.File.Exists(File("country.mmdb")));
    }

    [Theory]
    [InlineData("sha512-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==", "is not what was published")]
    [InlineData("sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=", "gives no SHA-512")]
    [InlineData("", "gives no SHA-512")]
    [InlineData("sha512-x", "gives no SHA-512")]
    public async Task What_cannot_be_proved_is_not_installed(string integrity, string error)
    {
        await using TestRegistry registry = await TestRegistry.StartAsync();
        registry.Publish(Country, "1", TestRegistry.Pack(("package/x.mmdb", Countries("PL"))), integrity);
        CliRun run = await RunAsync(registry, Only(Country));
        Assert.Equal(1, run.ExitCode);
        Assert.Contains(error, run.Error);
        Assert.Empty(Directory.GetFiles(_directory));
    }

    [Fact]
    public async Task A_package_that_is_none_leaves_what_was_there_and_the_others_are_installed()
    {
        await using TestRegistry registry = await TestRegistry.StartAsync();
        registry.Publish(Country, "1", TestRegistry.Pack(("package/x.mmdb", Countries("PL"))));
        Assert.Equal(0, (await RunAsync(registry, Only(Country))).ExitCode);
        (byte[] Tarball, string Error)[] wrong =
        [
            ([1, 2, 3], "cannot be unpacked"),
            (TestRegistry.Pack(("package/x.mmdb", "no database"u8.ToArray())), "the package's database is not a MaxMind DB"),
            (TestRegistry.Pack(("package/a.mmdb", Countries("PL")), ("package/b.mmdb", Countries("PL"))), "several databases"),
            (TestRegistry.Pack(("package/README.md", [])), "neither a database"),
            (TestRegistry.Pack(("package/geo-ipv4.csv", "1.0.0.0,1.0.0.255,AU\n"u8.ToArray())), "geo-ipv4.csv: line 1"),
            (TestRegistry.Pack(("package/x.mmdb", new MmdbWriter { DatabaseType = "nothing", Built = DateTimeOffset.UnixEpoch }.ToArray())), "neither countries nor AS numbers"),
        ];
        foreach ((byte[] tarball, string error) in wrong)
        {
            registry.Publish(Country, "2", tarball);
            registry.Publish(Asn, error, TestRegistry.Pack(("package/asn-ipv4.csv", "1.0.0.0,1.0.0.255,64500,Other\n"u8.ToArray())));
            CliRun run = await RunAsync(registry);
            Assert.Equal(3, run.ExitCode);
            Assert.Contains(error, run.Error);
            Assert.Equal("PL", Find("country.mmdb", "1.2.3.4").Country.ToText());
        }
    }

    [Fact]
    public async Task What_the_registry_does_not_have_is_said()
    {
        await using TestRegistry registry = await TestRegistry.StartAsync();
        CliRun run = await RunAsync(registry, Only("@test/unknown"));
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("has no package of that name", run.Error);
        Assert.Contains("is not the name of a package", (await RunAsync(registry, Only("../x"))).Error);
    }

    [Fact]
    public async Task The_registry_is_npms_own_setting()
    {
        await using TestRegistry registry = await TestRegistry.StartAsync();
        registry.Publish(Country, "1", TestRegistry.Pack(("package/x.mmdb", Countries("PL"))));
        string file = File(".npmrc");
        await System.IO.File.WriteAllTextAsync(file, $"fund=false\nregistry = {registry.Url}\n");
        string[] args = ["geo", "update", "--data", _directory, "--package", Country];
        Assert.Equal(0, (await CliRun.OfAsync(args, variables: new() { ["HOME"] = _directory })).ExitCode);
        Assert.Contains("is current", (await CliRun.OfAsync(args, variables: new() { ["npm_config_registry"] = registry.Url + "/" })).Out);
        Assert.Equal(2, (await CliRun.OfAsync([.. args, "--registry", "nowhere"])).ExitCode);
    }

    private static string[] Only(string package) => ["--package", package];

    private static byte[] Countries(string code)
    {
        var writer = new MmdbWriter { DatabaseType = "Test", Built = DateTimeOffset.UnixEpoch };
        writer.Add(IPNetwork.Parse("1.0.0.0/8"), new MmdbValue.Map(("country_code", code)));
        return writer.ToArray();
    }

    private Task<CliRun> RunAsync(TestRegistry registry, params string[] more) => CliRun.OfAsync(
        ["geo", "update", "--data", _directory, "--registry", registry.Url, .. more.Contains("--package") ? [] : (string[])["--package", Country, "--package", Asn], .. more]);

    private string File(string name) => Path.Combine(_directory, name);

    private GeoRecord Find(string file, string address)
    {
        GeoReadResult read = GeoDatabase.Read(System.IO.File.ReadAllBytes(File(file)));
        Assert.Null(read.Error);
        return read.Database!.Find(!address.Contains(':', StringComparison.Ordinal), AddressBits.Of(IPAddress.Parse(address)), out _);
    }
}
