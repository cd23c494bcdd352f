using System.Diagnostics;
using System.Globalization;

namespace OrleansCdn.Interop.Tests.Network;

/// <summary>
/// Leaves nothing behind, however a run ends: a shell reads a pipe that nobody writes to. When this process is gone, killed or not, the
/// pipe ends, and the shell takes away what is left of the run's namespaces, processes and directories.
/// </summary>
internal static class Janitor
{
    private const string Everyones = "cdn-interop-";

    private static readonly Lazy<Process> Watch = new(Start);

    /// <summary>What names of namespaces and directories of this run begin with.</summary>
    public static readonly string Prefix = string.Create(CultureInfo.InvariantCulture, $"{Everyones}{Environment.ProcessId}-");

    public static void Begin()
    {
        if (Watch.Value.HasExited)
        {
            throw new InvalidOperationException("the janitor is gone: is /bin/sh there?");
        }
    }

    /// <summary>Ends what runs in the namespaces whose names begin so, and removes them.</summary>
    public static string Sweep(string prefix) => $"""
        for name in $(ip netns list | cut -d' ' -f1 | grep '^{prefix}' || true); do
          for pid in $(ip netns pids "$name"); do kill -9 "$pid" 2>/dev/null || true; done
          ip netns del "$name" || true
        done
        """;

    private static Process Start()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            throw new InvalidOperationException("network namespaces need root: run the tests as root");
        }

        foreach (string name in Directory.Exists("/run/netns") ? Directory.GetFileSystemEntries("/run/netns", $"{Everyones}*").Select(p => Path.GetFileName(p)!) : [])
        {
            // Of a run whose janitor was killed as well.
            if (name.Split('-') is [_, _, var pid, ..] && int.TryParse(pid, CultureInfo.InvariantCulture, out int process) && !Native.Exists(process))
            {
                Shell.RunAsync(Sweep($"{Everyones}{pid}-")).GetAwaiter().GetResult();
            }
        }

        // A timeout ends the whole group of processes with SIGTERM: the janitor outlives that.
        return Process.Start(new ProcessStartInfo("sh", ["-c", $"trap '' HUP INT TERM; cat >/dev/null\n{Sweep(Prefix)}\nrm -rf '{Path.Combine(Path.GetTempPath(), Prefix)}'*"])
        {
            RedirectStandardInput = true,
        })!;
    }
}
