using System.Text;
using OrleansCdn.Dns.Geo;
using OrleansCdn.Dns.Geo.Mmdb;

namespace OrleansCdn.Cli.Geo;

/// <summary>One package at a time: what is newest → fetched and proved → unpacked → opened → put in its place.</summary>
internal sealed class GeoUpdate(NpmRegistry registry, GeoDirectory directory, TimeProvider time)
{
    /// <summary>Names of npm are shorter than that.</summary>
    private const int MaxNameLength = 214;

    public async Task<GeoPackageResult> RunAsync(string package, IProgress<(long Done, long? Of)>? progress, CancellationToken cancellationToken)
    {
        NpmManifest? manifest = null;
        try
        {
            manifest = await registry.LatestAsync(Checked(package), cancellationToken);
            if (directory.Find(package, manifest.Version) is { } current)
            {
                return Result(package, GeoPackageState.Current, current, downloaded: 0);
            }

            string part = directory.PartOf(package, manifest);
            long downloaded = await registry.FetchAsync(manifest, part, progress, cancellationToken);
            PackageContent content = await PackageContent.ReadAsync(part, cancellationToken);
            byte[] database = content.Database ?? FromTables(content, package);
            GeoDatabase opened = Opened(database);
            string? licenses = content.Licenses.Count == 0 ? null : string.Join("\n\n", content.Licenses.Select(l => $"{l.Key}\n{l.Value}"));
            GeoInstalledPackage installed = directory.Install(package, manifest, FileFor(opened), database, opened.Metadata.Built, licenses);
            File.Delete(part);
            return Result(package, GeoPackageState.Updated, installed, downloaded);
        }
        catch (Exception e) when (e is GeoFailure or IOException or UnauthorizedAccessException)
        {
            return new GeoPackageResult { Package = package, State = GeoPackageState.Failed, Version = manifest?.Version, Error = e.Message };
        }
    }

    private GeoPackageResult Result(string package, GeoPackageState state, GeoInstalledPackage installed, long downloaded) => new()
    {
        Package = package,
        State = state,
        Version = installed.Version,
        File = directory.PathOf(installed.File),
        Bytes = new FileInfo(directory.PathOf(installed.File)).Length,
        Downloaded = downloaded,
        License = installed.License,
        Built = installed.Built,
    };

    private byte[] FromTables(PackageContent content, string package)
    {
        if (content.Tables.Count == 0)
        {
            throw new GeoFailure("the package has neither a database (.mmdb) nor tables (-ipv4.csv, -ipv6.csv)");
        }

        var writer = new MmdbWriter
        {
            DatabaseType = "ASN",
            Built = time.GetUtcNow(),
            Description = $"Made of the tables of {package}",
        };
        foreach ((string name, byte[] table) in content.Tables)
        {
            using var reader = new StreamReader(new MemoryStream(table), Encoding.UTF8);
            if (AsnTable.AddTo(writer, reader) is { } error)
            {
                throw new GeoFailure($"{name}: {error}; only tables of AS numbers are understood");
            }
        }

        return writer.ToArray();
    }

    private static GeoDatabase Opened(byte[] database)
    {
        GeoReadResult read = GeoDatabase.Read(database);
        return read.Database ?? throw new GeoFailure("the package's database " + read.Error);
    }

    /// <summary>By what it knows, not by what it is called.</summary>
    private static string FileFor(GeoDatabase database) =>
        database.KnowsPlaces ? GeoDirectory.CountryFile
        : database.KnowsNetworks ? GeoDirectory.AsnFile
        : throw new GeoFailure("the package's database has neither countries nor AS numbers");

    private static string Checked(string package) =>
        package.Length is > 0 and <= MaxNameLength && package.All(c => char.IsAsciiLetterOrDigit(c) || c is '@' or '/' or '-' or '_' or '.') && !package.Contains("..", StringComparison.Ordinal)
            ? package
            : throw new GeoFailure("is not the name of a package");
}
