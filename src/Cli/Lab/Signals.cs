using System.Runtime.InteropServices;

namespace OrleansCdn.Cli.Lab;

/// <summary>What the framework has no call for: a polite end of another process, and who started this one.</summary>
internal static partial class Signals
{
    private const int SigTerm = 15;

    /// <summary>False where there are no signals, or no such process any more.</summary>
    public static bool Terminate(int pid) => !OperatingSystem.IsWindows() && Kill(pid, SigTerm) == 0;

    /// <summary>0 where it cannot be told.</summary>
    public static int ParentPid() => OperatingSystem.IsWindows() ? 0 : GetParentPid();

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "getppid")]
    private static partial int GetParentPid();
}
