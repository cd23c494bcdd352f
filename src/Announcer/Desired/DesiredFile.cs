using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Node.Links;
using OrleansCdn.Node.Tls;

namespace OrleansCdn.Announcer.Desired;

/// <summary>The desired state of standalone mode: one <see cref="DesiredAnnouncements"/> as JSON, with comments allowed.</summary>
internal sealed class DesiredFile(string path)
{
    /// <summary>A line of the feed at its longest: nothing that a silo would say is larger.</summary>
    public const int MaxBytes = AnnouncerProtocol.MaxAnnouncerLineBytes;

    private FileStamp _stamp;

    /// <summary>A replaced file has another stamp; one that is being written has, too, and is looked at again when it is done.</summary>
    public bool HasChanged => FileStamp.Of(path) != _stamp;

    /// <returns>The state, or every mistake with its place.</returns>
    public (DesiredAnnouncements? Desired, ImmutableArray<string> Problems) Read()
    {
        _stamp = FileStamp.Of(path);
        byte[] text;
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (file.Length > MaxBytes)
            {
                return (null, [$"{path}: larger than {MaxBytes} bytes, which no desired state is"]);
            }

            text = new byte[file.Length];
            file.ReadExactly(text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (null, [$"{path}: cannot be read: {OneLine.Printable(e.Message)}"]);
        }

        (DesiredAnnouncements? desired, ImmutableArray<string> problems) = Parse(text);
        return (desired, [.. problems.Select(p => $"{path}: {p}")]);
    }

    public static (DesiredAnnouncements? Desired, ImmutableArray<string> Problems) Parse(ReadOnlySpan<byte> text)
    {
        try
        {
            DesiredAnnouncements? desired = JsonSerializer.Deserialize(text, DesiredFileJson.Default.DesiredAnnouncements);
            if (desired is null)
            {
                return (null, ["null instead of a desired state"]);
            }

            ImmutableArray<string> problems = DesiredCheck.Problems(desired);
            return (problems.IsEmpty ? desired : null, problems);
        }
        catch (JsonException e)
        {
            return (null, [Describe(e)]);
        }
    }

    private static string Describe(JsonException e)
    {
        // Lines are counted from 0 by the reader and from 1 by people.
        string place = e.LineNumber is { } line ? $"line {line + 1}, column {(e.BytePositionInLine ?? 0) + 1}: " : "";
        string path = e.Path is { Length: > 1 } at ? $"{at.TrimStart('$', '.')}: " : "";

        // The reader adds type names of this program and the place again, which the parts above say better.
        string reason = e.Message.Contains("could not be mapped", StringComparison.Ordinal) ? "there is no such member" : e.Message.Split(" Path: ")[0];
        return OneLine.Printable($"{place}{path}{reason}");
    }
}

/// <summary>For people: a member that nobody knows is a mistake, and comments are none.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    ReadCommentHandling = JsonCommentHandling.Skip,
    AllowTrailingCommas = true,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(DesiredAnnouncements))]
internal sealed partial class DesiredFileJson : JsonSerializerContext;
