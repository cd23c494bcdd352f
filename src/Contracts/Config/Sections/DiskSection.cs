using OrleansCdn.Contracts.Config.Binding;
using OrleansCdn.Contracts.Config.Scalars;

namespace OrleansCdn.Contracts.Config.Sections;

/// <summary>The directory is the edge's own; whether it can be written is not known where the config is read.</summary>
internal static class DiskSection
{
    public static readonly ScalarKey<string> Path = ScalarKey<string>.Must(
        "path", Tokens.FilePath, "A directory for it alone; two edges on one server need two.");

    public static readonly ScalarKey<long> Size = ScalarKey<long>.Must(
        "size", Sizes.Between(ConfigLimits.MinDiskBytes, ConfigLimits.MaxDiskBytes), "Space that its files take at most.");

    public static readonly KeyTable Table = new("pops.ID.edges[].disk", [Path, Size]);

    public static DiskConfig Bind(MapReader keys) => new() { Path = keys.Read(Path).Value, SizeBytes = keys.Read(Size).Value };
}
