namespace OrleansCdn.EndToEnd.Tests.Running;

/// <summary>Where the programs under test are: the build's output, the same that a user runs.</summary>
internal static class Built
{
    // artifacts/bin/EndToEnd.Tests/release
    private static readonly string Here = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);

    public static string Root { get; } = Path.GetFullPath(Path.Combine(Here, "..", "..", "..", ".."));

    public static string Cdn { get; } = Path.GetFullPath(Path.Combine(Here, "..", "..", "Cli", Path.GetFileName(Here), "cdn.dll"));

    /// <summary>The host that runs this test.</summary>
    public static string Dotnet { get; } = Environment.ProcessPath is { } path && Path.GetFileName(path) == "dotnet"
        ? path
        : Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
}
