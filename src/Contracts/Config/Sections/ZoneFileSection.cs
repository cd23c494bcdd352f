using OrleansCdn.Contracts.Config.Binding;
using OrleansCdn.Contracts.Config.Scalars;

namespace OrleansCdn.Contracts.Config.Sections;

/// <summary>A zone file beside the config. The text is put in by <see cref="ZoneFiles"/> before the config leaves the operator's machine.</summary>
internal static class ZoneFileSection
{
    public static readonly ScalarKey<string> Path = ScalarKey<string>.Must("path", SteeringTexts.ZoneFile, "Where it is, relative to the config file.");

    public static readonly ScalarKey<string> Text = ScalarKey<string>.Optional(
        "text", SteeringTexts.Records, "the file is read by who reads the config file: `cdn`, or an edge with `--config`",
        "What stands in it. It is written here when the config is applied.");

    public static readonly KeyTable Table = new("dns.zones[].file", [Path, Text]);

    /// <returns>Its path and what stands in it.</returns>
    public static (string Path, string Text) Bind(MapReader keys)
    {
        Found<string> path = keys.Read(Path);
        Found<string> text = keys.Read(Text);
        if (path.Given && text is { Node: null, Valid: true } && !keys.HasUnknownKeys)
        {
            keys.Report($"names {path.Value}, and what stands in it is not here", "text with the records, or records in its place");
        }

        return (path.Value, text.Value);
    }
}
