using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrleansCdn.Cli.Geo;

/// <summary>What <c>cdn geo update</c> has done, package by package.</summary>
internal sealed record GeoUpdateReply(ImmutableArray<GeoPackageResult> Packages);

internal sealed record GeoPackageResult
{
    public required string Package { get; init; }

    public required GeoPackageState State { get; init; }

    public string? Version { get; init; }

    /// <summary>Absolute path of the database.</summary>
    public string? File { get; init; }

    public long? Bytes { get; init; }

    /// <summary>Octets that were asked of the registry now.</summary>
    public long? Downloaded { get; init; }

    /// <summary>What the package says of its licence.</summary>
    public string? License { get; init; }

    /// <summary>When the database was made.</summary>
    public DateTimeOffset? Built { get; init; }

    public string? Error { get; init; }
}

[JsonConverter(typeof(JsonStringEnumConverter<GeoPackageState>))]
internal enum GeoPackageState
{
    /// <summary>Another database is in its place now.</summary>
    Updated,

    /// <summary>The registry has nothing newer.</summary>
    Current,

    /// <summary>What was there is untouched.</summary>
    Failed,
}

/// <summary>Which packages a directory's databases are of: <c>packages.json</c>.</summary>
internal sealed record GeoInstalled(int Format, ImmutableArray<GeoInstalledPackage> Packages)
{
    public const int CurrentFormat = 1;
}

internal sealed record GeoInstalledPackage(string Package, string Version, string? License, string File, string Sha256, DateTimeOffset Built);

/// <summary>What a registry says of a package's newest version.</summary>
internal sealed record NpmManifest(string Version, NpmDistribution Dist, [property: JsonConverter(typeof(NpmLicenseConverter))] string? License = null);

internal sealed record NpmDistribution(string Tarball, string? Integrity = null);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(GeoUpdateReply))]
[JsonSerializable(typeof(GeoInstalled))]
[JsonSerializable(typeof(NpmManifest))]
internal sealed partial class GeoJson : JsonSerializerContext;
