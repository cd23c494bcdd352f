using System.Text.Json.Serialization;

namespace OrleansCdn.Contracts.Control;

/// <summary>Why an edge asks to be taken out.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DrainReason>))]
public enum DrainReason
{
    /// <summary>It does not know of all purges, and sites want it out then (<c>when-cut-off</c>).</summary>
    CutOff,
}
