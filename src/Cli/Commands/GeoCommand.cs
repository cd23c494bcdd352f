using System.CommandLine;

namespace OrleansCdn.Cli.Commands;

/// <summary><c>cdn geo</c>: databases of places and AS numbers.</summary>
internal static class GeoCommand
{
    public static Command Create(CliHost host) => new("geo", "Databases of places and AS numbers, by which DNS chooses PoPs (docs/geo.md).")
    {
        GeoUpdateCommand.Create(host),
    };
}
