using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrleansCdn.Cli.Lab;

/// <summary>Where the lab can be reached, for programs (docs/lab.md). Process ids follow restarts.</summary>
internal sealed record ReadyState
{
    /// <summary>URL.</summary>
    public required string Api { get; init; }

    public required string Token { get; init; }

    /// <summary>URL.</summary>
    public required string Origin { get; init; }

    /// <summary>A host name that the edges serve.</summary>
    public required string Site { get; init; }

    /// <summary>URL of the small internet that the announcers speak to; null while the lab has none.</summary>
    public string? Internet { get; init; }

    /// <summary>By PoP id: its first edge.</summary>
    public required IReadOnlyDictionary<string, ReadyPop> Pops { get; init; }

    public required int SiloPid { get; init; }

    public string ToJson() => JsonSerializer.Serialize(this, LabJson.Default.ReadyState);

    /// <summary>Whole or not at all: a reader never sees half a file.</summary>
    public void WriteTo(string path)
    {
        string temporary = path + ".new";
        SecretFile.Write(temporary, ToJson() + "\n");
        File.Move(temporary, path, overwrite: true);
    }
}

/// <summary>Addresses as <c>host:port</c>; null where nothing listens.</summary>
internal sealed record ReadyPop
{
    public required string? Http { get; init; }

    public required string? Https { get; init; }

    /// <summary>UDP and TCP.</summary>
    public string? Dns { get; init; }

    /// <summary>URL.</summary>
    public required string Admin { get; init; }

    public required int EdgePid { get; init; }

    /// <summary>Null: the edge has no session to hold.</summary>
    public int? AnnouncerPid { get; init; }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(ReadyState))]
[JsonSerializable(typeof(TokenEntry[]))]
[JsonSerializable(typeof(LabTable.Sample))]
[JsonSerializable(typeof(LabReadiness.Health))]
[JsonSerializable(typeof(LabReadiness.Status))]
internal sealed partial class LabJson : JsonSerializerContext;
