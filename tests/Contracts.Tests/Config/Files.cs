using System.Runtime.CompilerServices;

namespace OrleansCdn.Contracts.Tests.Config;

/// <summary>Files of the repository that tests read.</summary>
internal static class Files
{
    public static string Root { get; } = FindRoot();

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    private static string FindRoot([CallerFilePath] string thisFile = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "../../.."));
}
