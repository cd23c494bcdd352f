using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace OrleansCdn.Cli.Geo;

/// <summary>The databases on this machine: <c>country.mmdb</c>, <c>asn.mmdb</c>, their licences, and which packages they are of.</summary>
internal sealed class GeoDirectory
{
    public const string CountryFile = "country.mmdb";
    public const string AsnFile = "asn.mmdb";
    private const string PackagesFile = "packages.json";
    private const int MaxPackagesBytes = 1 << 20;

    private readonly string _path;
    private GeoInstalled _installed;

    private GeoDirectory(string path, GeoInstalled installed)
    {
        _path = path;
        _installed = installed;
    }

    /// <exception cref="CommandFailure">It cannot be made.</exception>
    public static GeoDirectory Open(string path)
    {
        string directory = Path.GetFullPath(path);
        try
        {
            Directory.CreateDirectory(directory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure(ExitCode.Failed, $"cannot make the directory '{directory}': {e.Message}", "Give --data a directory that this user may write.");
        }

        return new GeoDirectory(directory, Read(Path.Combine(directory, PackagesFile)));
    }

    /// <summary>Where a tarball is kept until it is whole. Each version has its own, so that no two are mixed.</summary>
    public string PartOf(string package, NpmManifest manifest) => Path.Combine(
        _path, "." + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{package} {manifest.Version} {manifest.Dist.Integrity}")))[..16] + ".part");

    /// <summary>What is installed of a package, if its file is still what was put there.</summary>
    public GeoInstalledPackage? Find(string package, string version)
    {
        GeoInstalledPackage? found = _installed.Packages.FirstOrDefault(p => p.Package == package && p.Version == version);
        return found is not null && File.Exists(PathOf(found.File)) && Hash(File.ReadAllBytes(PathOf(found.File))) == found.Sha256 ? found : null;
    }

    public string PathOf(string file) => Path.Combine(_path, Path.GetFileName(file));

    /// <summary>The database takes the place of what was there in one step; an edge that reads it meanwhile reads one or the other whole.</summary>
    public GeoInstalledPackage Install(string package, NpmManifest manifest, string file, byte[] database, DateTimeOffset built, string? licenses)
    {
        if (licenses is not null)
        {
            Replace(file + ".license", Encoding.UTF8.GetBytes(licenses));
        }

        Replace(file, database);
        var installed = new GeoInstalledPackage(package, manifest.Version, manifest.License, file, Hash(database), built);
        _installed = new GeoInstalled(GeoInstalled.CurrentFormat, [.. _installed.Packages.Where(p => p.File != file), installed]);
        Replace(PackagesFile, JsonSerializer.SerializeToUtf8Bytes(_installed, GeoJson.Default.GeoInstalled));
        return installed;
    }

    private void Replace(string file, byte[] content)
    {
        string target = PathOf(file);
        using (FileStream written = new(target + ".new", FileMode.Create, FileAccess.Write, FileShare.None))
        {
            written.Write(content);
            written.Flush(flushToDisk: true);
        }

        File.Move(target + ".new", target, overwrite: true);
    }

    /// <summary>Without it, or with one of another program, everything is installed anew.</summary>
    private static GeoInstalled Read(string path)
    {
        var nothing = new GeoInstalled(GeoInstalled.CurrentFormat, ImmutableArray<GeoInstalledPackage>.Empty);
        try
        {
            if (!File.Exists(path) || new FileInfo(path).Length > MaxPackagesBytes)
            {
                return nothing;
            }

            GeoInstalled? read = JsonSerializer.Deserialize(File.ReadAllBytes(path), GeoJson.Default.GeoInstalled);
            return read is { Format: GeoInstalled.CurrentFormat, Packages.IsDefault: false } ? read : nothing;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return nothing;
        }
    }

    private static string Hash(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));
}
