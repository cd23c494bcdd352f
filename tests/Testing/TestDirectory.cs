using System.Diagnostics;

namespace OrleansCdn.Testing;

/// <summary>Directories for tests whose files are read until the very end, by processes that are killed for example: gone when the run ends.</summary>
public static class TestDirectory
{
    private static readonly string Root = NewRoot();

    /// <returns>Its full path; empty, and of a name that no other run has.</returns>
    public static string New(string name) => Directory.CreateDirectory(Path.Combine(Root, $"{name}-{Guid.NewGuid():N}")).FullName;

    private static string NewRoot()
    {
        string root = Directory.CreateTempSubdirectory("cdn-tests-").FullName;

        // The runner gives a process that ends a tenth of a second, which is not enough for hundreds of directories.
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Process.Start("rm", ["-rf", "--", root]).Dispose();
        return root;
    }
}
