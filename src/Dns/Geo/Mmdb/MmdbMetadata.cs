using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace OrleansCdn.Dns.Geo.Mmdb;

/// <summary>What a file says of itself (MaxMind DB 2.0, "Database Metadata").</summary>
public sealed record MmdbMetadata
{
    /// <summary>The marker stands in the last so many octets.</summary>
    private const int MaxBytes = 128 * 1024;

    /// <summary>Texts of a database are shown; longer ones than that were made to annoy.</summary>
    private const int MaxTextBytes = 256;

    public required uint NodeCount { get; init; }

    /// <summary>24, 28 or 32.</summary>
    public required int RecordBits { get; init; }

    public required bool IsIpv6 { get; init; }

    /// <summary>Free text: "GeoLite2-Country"; control characters are replaced.</summary>
    public required string DatabaseType { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset Built { get; init; }

    /// <summary><c>\xAB\xCD\xEFMaxMind.com</c>.</summary>
    private static ReadOnlySpan<byte> Marker => [0xAB, 0xCD, 0xEF, 0x4D, 0x61, 0x78, 0x4D, 0x69, 0x6E, 0x64, 0x2E, 0x63, 0x6F, 0x6D];

    internal static bool TryRead(
        ReadOnlySpan<byte> file,
        [NotNullWhen(true)] out MmdbMetadata? metadata,
        out int start,
        [NotNullWhen(false)] out string? error)
    {
        metadata = null;
        int from = Math.Max(0, file.Length - MaxBytes);
        start = from + file[from..].LastIndexOf(Marker);
        if (start < from)
        {
            error = "is not a MaxMind DB (no metadata in its last 128 KiB): it may be cut short, or still be compressed";
            return false;
        }

        var data = new MmdbData(file[(start + Marker.Length)..], MmdbData.ValuesPerRecord);
        var fields = Fields.Of(ref data);
        error = data.Fault is { } fault ? "has broken metadata: " + fault : fields.Wrong();
        if (error is not null)
        {
            return false;
        }

        metadata = new MmdbMetadata
        {
            NodeCount = (uint)fields.NodeCount!.Value,
            RecordBits = (int)fields.RecordBits!.Value,
            IsIpv6 = fields.IpVersion == 6,
            DatabaseType = fields.DatabaseType,
            Built = DateTimeOffset.FromUnixTimeSeconds((long)fields.Built),
        };
        return true;
    }

    private struct Fields()
    {
        public ulong? Major;
        public ulong? NodeCount;
        public ulong? RecordBits;
        public ulong? IpVersion;
        public ulong Built;
        public string DatabaseType = "";

        public static Fields Of(ref MmdbData data)
        {
            var fields = new Fields();
            MmdbItem map = data.Read(0, out int at);
            if (map.Type != MmdbType.Map)
            {
                data.Fail(0, "no map");
            }

            for (int i = 0; i < map.Size && data.Fault is null; i++)
            {
                ReadOnlySpan<byte> key = data.Text(data.Read(at, out at));
                int valueAt = at;
                at = data.Skip(at);
                MmdbItem value = data.Read(valueAt, out _);
                switch (key)
                {
                    case var _ when key.SequenceEqual("binary_format_major_version"u8):
                        fields.Major = data.Number(value);
                        break;
                    case var _ when key.SequenceEqual("node_count"u8):
                        fields.NodeCount = data.Number(value);
                        break;
                    case var _ when key.SequenceEqual("record_size"u8):
                        fields.RecordBits = data.Number(value);
                        break;
                    case var _ when key.SequenceEqual("ip_version"u8):
                        fields.IpVersion = data.Number(value);
                        break;
                    case var _ when key.SequenceEqual("build_epoch"u8):
                        fields.Built = data.Number(value) ?? 0;
                        break;
                    case var _ when key.SequenceEqual("database_type"u8):
                        ReadOnlySpan<byte> text = data.Text(value);
                        fields.DatabaseType = PlainText.Of(text[..Math.Min(text.Length, MaxTextBytes)]);
                        break;
                }
            }

            return fields;
        }

        public readonly string? Wrong() => this switch
        {
            { Major: not 2 } => string.Create(CultureInfo.InvariantCulture, $"has format {Major?.ToString(CultureInfo.InvariantCulture) ?? "none"}; 2 is what can be read"),
            { RecordBits: not (24 or 28 or 32) } => "has records of a size that is not 24, 28 or 32 bits",
            { IpVersion: not (4 or 6) } => "is for an IP version that is not 4 or 6",
            { NodeCount: null or 0 or > uint.MaxValue / 2 } => "has no usable number of nodes",
            { Built: > 253_402_300_799 } => "was made after the year 9999",
            _ => null,
        };
    }
}
