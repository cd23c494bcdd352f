using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Node.Disk;

namespace OrleansCdn.Announcer.Desired;

/// <summary>The last desired state, so that this server announces after a restart without any silo.</summary>
internal sealed class DesiredStore(StateDirectory directory, string pop, string edge)
    : ServerStore<StoredDesired, DesiredAnnouncements>(directory, new(FileName, RecordFrame.DesiredKind, MaxBytes, StoredJson.Default.StoredDesired), pop, edge)
{
    public const string FileName = "desired.snapshot";

    /// <summary>A line of the feed at its longest, and the names around it.</summary>
    private const int MaxBytes = AnnouncerProtocol.MaxAnnouncerLineBytes + 4096;

    /// <summary>Of <c>DATA</c>.</summary>
    public const string DirectoryName = "announcer";

    protected override StoredDesired Store(string pop, string edge, DesiredAnnouncements state) => new() { Pop = pop, Edge = edge, Desired = state };

    protected override DesiredAnnouncements StateOf(StoredDesired stored) => stored.Desired;

    protected override string? ProblemOf(DesiredAnnouncements state) => DesiredCheck.Problems(state) is { IsEmpty: false } problems ? string.Join("; ", problems) : null;
}

/// <summary>Payload of the file; see <see cref="RecordFrame"/> for what is around it.</summary>
internal sealed record StoredDesired : IOfServer
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
