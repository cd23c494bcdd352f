namespace OrleansCdn.Routing.Tests;

internal static class Repository
{
    /// <summary>The directory of the solution.</summary>
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    private static string Find(string directory) =>
        File.Exists(Path.Combine(directory, "OrleansCdn.sln")) ? directory : Find(Path.GetDirectoryName(directory)!);
}
