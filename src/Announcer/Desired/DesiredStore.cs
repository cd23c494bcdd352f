using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Node.Disk;

namespace OrleansCdn.Announcer.Desired;

/// <summary>The last desired state, so that this server announces after a restart without any silo.</summary>
/// <remarks>Not for use by several threads at once.</remarks>
internal sealed class DesiredStore(StateDirectory directory, string pop, string edge)
{
    public const string FileName = "desired.snapshot";

    /// <summary>A line of the feed at its longest, and the names around it.</summary>
    private const int MaxBytes = AnnouncerProtocol.MaxAnnouncerLineBytes + 4096;

    /// <summary>Of <c>DATA</c>.</summary>
    public const string DirectoryName = "announcer";

    /// <summary>What was saved last, checked like anything from outside; null: nothing that could be used. Never throws for what the file holds.</summary>
    public DesiredAnnouncements? Load()
    {
        if (!directory.TryRead(FileName, MaxBytes + RecordFrame.Overhead, out byte[] bytes))
        {
            return null;
        }

        (DesiredAnnouncements? desired, string? fault) = Parse(bytes);
        if (fault is not null)
        {
            directory.SetAside(FileName, fault);
        }

        return desired;
    }

    /// <summary>When this returns it is on disk.</summary>
    /// <exception cref="IOException">The disk refused; what was saved before is untouched.</exception>
    public void Save(DesiredAnnouncements desired)
    {
        byte[] payload = JsonSerializer.SerializeToUtf8Bytes(new StoredDesired { Pop = pop, Edge = edge, Desired = desired }, StoredJson.Default.StoredDesired);
        directory.Replace(FileName, RecordFrame.Write(RecordFrame.DesiredKind, 0, payload));
    }

    internal (DesiredAnnouncements? Desired, string? Fault) Parse(ReadOnlySpan<byte> bytes)
    {
        FrameFault fault = RecordFrame.Read(bytes, RecordFrame.DesiredKind, out _, out ReadOnlySpan<byte> payload);
        return fault == FrameFault.None ? ParsePayload(payload) : (null, fault.ToString());
    }

    internal (DesiredAnnouncements? Desired, string? Fault) ParsePayload(ReadOnlySpan<byte> payload)
    {
        StoredDesired? stored;
        try
        {
            stored = JsonSerializer.Deserialize(payload, StoredJson.Default.StoredDesired);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            return (null, $"its text does not fit this version of the program: {e.Message}");
        }

        if (stored is null || stored.Pop != pop || stored.Edge != edge)
        {
            return (null, $"it belongs to server {stored?.Pop}/{stored?.Edge}, and this is {pop}/{edge}");
        }

        ImmutableArray<string> problems = DesiredCheck.Problems(stored.Desired);
        return problems.IsEmpty ? (stored.Desired, null) : (null, string.Join("; ", problems));
    }
}

/// <summary>Payload of the file; see <see cref="RecordFrame"/> for what is around it.</summary>
internal sealed record StoredDesired
{
    public required string Pop { get; init; }

    public required string Edge { get; init; }

    public required DesiredAnnouncements Desired { get; init; }
}

/// <summary>JSON of what this announcer keeps on its disk.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(StoredDesired))]
internal sealed partial class StoredJson : JsonSerializerContext;
