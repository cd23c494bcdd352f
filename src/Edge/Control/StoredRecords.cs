using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Contracts.Dns;

namespace OrleansCdn.Edge.Control;

/// <summary>Payload of the snapshot file; see <see cref="RecordFrame"/> for what is around it.</summary>
internal sealed record StoredSnapshot
{
    public required string Pop { get; init; }

    public required string Edge { get; init; }

    public required string Epoch { get; init; }

    public required long Version { get; init; }

    public required CdnConfig Config { get; init; }
}

/// <summary>Payload of the file of DNS secrets.</summary>
internal sealed record StoredSecrets
{
    public required string Pop { get; init; }

    public required string Edge { get; init; }

    public required DnsSecrets Secrets { get; init; }
}

/// <summary>Payload of one slot of the cursor file.</summary>
internal sealed record StoredCursor
{
    public required string Pop { get; init; }

    public required string Edge { get; init; }

    public required string Epoch { get; init; }

    public required long Sequence { get; init; }
}

/// <summary>Payload of the eligibility file.</summary>
internal sealed record StoredEligibility
{
    public required string Pop { get; init; }

    public required string Edge { get; init; }

    public required Eligibility Eligibility { get; init; }
}

/// <summary>JSON of what this edge keeps on its disk.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(StoredSnapshot))]
[JsonSerializable(typeof(StoredCursor))]
[JsonSerializable(typeof(StoredEligibility))]
[JsonSerializable(typeof(StoredSecrets))]
internal sealed partial class StoredJson : JsonSerializerContext;
