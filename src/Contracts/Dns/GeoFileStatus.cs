using System.Text.Json.Serialization;

namespace OrleansCdn.Contracts.Dns;

/// <summary>What has become of a database's file.</summary>
/// <param name="Path">Null: the config names none.</param>
/// <param name="State">Of the file. What was read before stays in force whatever it is.</param>
/// <param name="Error">What is wrong with the file as it is now.</param>
/// <param name="Type">What the database in force says that it is; null: none is in force.</param>
/// <param name="Built">When that was made.</param>
public sealed record GeoFileStatus(string? Path, GeoFileState State, string? Error = null, string? Type = null, DateTimeOffset? Built = null);

[JsonConverter(typeof(JsonStringEnumConverter<GeoFileState>))]
public enum GeoFileState
{
    NotConfigured,

    /// <summary>No file of that name, or it may not be read.</summary>
    Missing,

    /// <summary>Read, and the one in force.</summary>
    InForce,

    /// <summary>Something that is no database, or a damaged one.</summary>
    Unusable,
}
