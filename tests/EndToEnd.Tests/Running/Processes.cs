using System.Diagnostics;
using System.Runtime.InteropServices;

namespace OrleansCdn.EndToEnd.Tests.Running;

/// <summary>Signals, and what /proc tells of processes that this test did not start itself.</summary>
internal static partial class Processes
{
    public const int SigInt = 2;
    public const int SigKill = 9;
    public const int SigTerm = 15;
    public const int SigCont = 18;
    public const int SigStop = 19;

    public static void Signal(int pid, int signal) => Assert.Equal(0, Kill(pid, signal));

    /// <summary>A process that has ended but was not waited for yet counts as gone.</summary>
    public static bool IsAlive(int pid)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..][0] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }

    public static string[] CommandLine(int pid) => File.ReadAllText($"/proc/{pid}/cmdline").TrimEnd('\0').Split('\0');

    /// <summary>The kernel lists a child under the thread that started it.</summary>
    public static int[] ChildrenOf(int pid) =>
    [
        .. from thread in Directory.GetDirectories($"/proc/{pid}/task")
        from child in File.ReadAllText(Path.Combine(thread, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries)
        select int.Parse(child, System.Globalization.CultureInfo.InvariantCulture),
    ];

    /// <summary>Bytes of a line like <c>VmHWM</c> in /proc/PID/status.</summary>
    public static long Memory(int pid, string line)
    {
        string found = File.ReadLines($"/proc/{pid}/status").Single(l => l.StartsWith(line + ":", StringComparison.Ordinal));
        return long.Parse(found.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], System.Globalization.CultureInfo.InvariantCulture) * 1024;
    }

    /// <summary>VmHWM starts again from what is resident now.</summary>
    public static void ForgetPeak(int pid) => File.WriteAllText($"/proc/{pid}/clear_refs", "5");

    public static Process Start(string file, IEnumerable<string> arguments, string? directory = null)
    {
        var info = new ProcessStartInfo(file, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = directory ?? Path.GetTempPath(),
        };
        return Process.Start(info)!;
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);
}
