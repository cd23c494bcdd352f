using System.Text.Json.Serialization;

namespace OrleansCdn.Contracts.Control;

/// <summary>Who gave a stored response, or confirmed it last. The numbers are kept on disk.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FilledFrom>))]
public enum FilledFrom
{
    Origin = 1,

    /// <summary>An edge of the site's shield PoP.</summary>
    Shield = 2,

    /// <summary>Another edge that had it already, or was fetching it.</summary>
    Edge = 3,
}
