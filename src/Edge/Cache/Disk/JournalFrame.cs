using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Edge.Cache.Disk;

/// <summary>One write to the purge journal: <c>length[4] crc-32c[4] JSON</c>, numbers little-endian.</summary>
internal sealed record JournalFrame
{
    /// <summary>A message of the feed holds less than 1 MiB of URLs; a base holds <see cref="MaxEntries"/> in each frame.</summary>
    public const int MaxBytes = 32 << 20;

    /// <summary>Entries of one frame, as of one message of the feed.</summary>
    public const int MaxEntries = FeedProtocol.MaxPurgesPerMessage;

    public const int PrefixBytes = 8;

    /// <summary>In the first frame only: whose segments this journal is for.</summary>
    public long? Lineage { get; init; }

    public required string Epoch { get; init; }

    public required long Sequence { get; init; }

    /// <summary><see cref="PurgeIndex.Applied"/> after it.</summary>
    public required long Applied { get; init; }

    /// <summary>What was stored before counts as purged; it never goes back.</summary>
    public long Horizon { get; init; }

    /// <summary>Entries before this frame count no more: a gap.</summary>
    public bool Clears { get; init; }

    public ImmutableArray<PurgeEntry> Entries { get; init; } = [];

    /// <summary>Of <see cref="PurgeIndex.Applied"/>, one per entry.</summary>
    public ImmutableArray<long> Numbers { get; init; } = [];

    public byte[] ToBytes()
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(this, JournalJson.Default.JournalFrame);
        byte[] bytes = new byte[PrefixBytes + json.Length];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, json.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), Crc32C.Of(json));
        json.CopyTo(bytes, PrefixBytes);
        return bytes;
    }

    /// <summary>Null when no whole frame begins here.</summary>
    public static JournalFrame? TryRead(ReadOnlySpan<byte> bytes, out int length)
    {
        length = 0;
        if (bytes.Length < PrefixBytes)
        {
            return null;
        }

        int json = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        if (json <= 0 || json > MaxBytes || json > bytes.Length - PrefixBytes
            || Crc32C.Of(bytes.Slice(PrefixBytes, json)) != BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]))
        {
            return null;
        }

        try
        {
            JournalFrame? frame = JsonSerializer.Deserialize(bytes.Slice(PrefixBytes, json), JournalJson.Default.JournalFrame);
            length = PrefixBytes + json;
            return frame is { Entries.IsDefault: false, Numbers.IsDefault: false } && frame.Entries.Length == frame.Numbers.Length
                && !frame.Entries.Contains(null!) ? frame : null;
        }
        catch (Exception error) when (error is JsonException or NotSupportedException)
        {
            return null;
        }
    }
}

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(JournalFrame))]
internal sealed partial class JournalJson : JsonSerializerContext;
