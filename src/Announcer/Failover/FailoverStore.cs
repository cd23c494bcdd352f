using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansCdn.Announcer.Desired;
using OrleansCdn.Failover;
using OrleansCdn.Node.Disk;

namespace OrleansCdn.Announcer.Failover;

/// <summary>What this server has promised and how it stood, so that a new process keeps the word of the one before.</summary>
/// <remarks>Not for use by several threads at once.</remarks>
internal sealed class FailoverStore(StateDirectory directory, string pop, string edge)
{
    public const string FileName = "failover.snapshot";

    /// <summary>A promise to each of the 256 servers that a plan may have, with the longest names, is some 40 KiB.</summary>
    private const int MaxBytes = 128 * 1024;

    /// <summary>What was saved last, checked like anything from outside; null: nothing that could be used. Never throws for what the file holds.</summary>
    public FailoverDurable? Load()
    {
        if (!directory.TryRead(FileName, MaxBytes + RecordFrame.Overhead, out byte[] bytes))
        {
            return null;
        }

        (FailoverDurable? durable, string? fault) = Parse(bytes);
        if (fault is not null)
        {
            directory.SetAside(FileName, fault);
        }

        return durable;
    }

    /// <summary>When this returns it is on disk.</summary>
    /// <exception cref="IOException">The disk refused; what was saved before is untouched.</exception>
    public void Save(FailoverDurable durable)
    {
        byte[] payload = JsonSerializer.SerializeToUtf8Bytes(new StoredFailover { Pop = pop, Edge = edge, Durable = durable }, FailoverJson.Default.StoredFailover);
        directory.Replace(FileName, RecordFrame.Write(RecordFrame.FailoverKind, 0, payload));
    }

    internal (FailoverDurable? Durable, string? Fault) Parse(ReadOnlySpan<byte> bytes)
    {
        FrameFault fault = RecordFrame.Read(bytes, RecordFrame.FailoverKind, out _, out ReadOnlySpan<byte> payload);
        return fault == FrameFault.None ? ParsePayload(payload) : (null, fault.ToString());
    }

    internal (FailoverDurable? Durable, string? Fault) ParsePayload(ReadOnlySpan<byte> payload)
    {
        StoredFailover? stored;
        try
        {
            stored = JsonSerializer.Deserialize(payload, FailoverJson.Default.StoredFailover);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            return (null, $"its text does not fit this version of the program: {e.Message}");
        }

        if (stored is null || stored.Pop != pop || stored.Edge != edge)
        {
            return (null, $"it belongs to server {stored?.Pop}/{stored?.Edge}, and this is {pop}/{edge}");
        }

        return FailoverCheck.Problem(stored.Durable) is { } problem ? (null, problem) : (stored.Durable, null);
    }
}

/// <summary>Payload of the file; see <see cref="RecordFrame"/> for what is around it.</summary>
internal sealed record StoredFailover
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
