using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansCdn.Failover;
using OrleansCdn.Node.Disk;

namespace OrleansCdn.Announcer.Failover;

/// <summary>What this server has promised and how it stood, so that a new process keeps the word of the one before.</summary>
internal sealed class FailoverStore(StateDirectory directory, string pop, string edge)
    : ServerStore<StoredFailover, FailoverDurable>(directory, new(FileName, RecordFrame.FailoverKind, MaxBytes, FailoverJson.Default.StoredFailover), pop, edge)
{
    public const string FileName = "failover.snapshot";

    /// <summary>A promise to each of the 256 servers that a plan may have, with the longest names, is some 40 KiB.</summary>
    private const int MaxBytes = 128 * 1024;

    protected override StoredFailover Store(string pop, string edge, FailoverDurable state) => new() { Pop = pop, Edge = edge, Durable = state };

    protected override FailoverDurable StateOf(StoredFailover stored) => stored.Durable;

    protected override string? ProblemOf(FailoverDurable state) => FailoverCheck.Problem(state);
}

/// <summary>Payload of the file; see <see cref="RecordFrame"/> for what is around it.</summary>
internal sealed record StoredFailover : IOfServer
{
    public required string Pop { get; init; }

    public required string Edge { get; init; }

    public required FailoverDurable Durable { get; init; }
}

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(StoredFailover))]
internal sealed partial class FailoverJson : JsonSerializerContext;
