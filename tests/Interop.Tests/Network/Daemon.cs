using System.Diagnostics;

namespace OrleansCdn.Interop.Tests.Network;

/// <summary>A process of a network namespace; its output goes to a file.</summary>
internal sealed class Daemon : IDisposable
{
    /// <summary>What is shown of a log when something fails.</summary>
    private const int ShownLines = 25;

    private readonly Process _process;
    private readonly string _log;

    private Daemon(Process process, string log)
    {
        _process = process;
        _log = log;
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <param name="network">Name of the namespace.</param>
    /// <param name="log">File that gets what it says.</param>
    /// <param name="program">Stays in the foreground.</param>
    /// <param name="arguments">Of the program.</param>
    /// <param name="environment">Beyond this process's own.</param>
    public static Daemon Start(string network, string log, string program, IEnumerable<string> arguments, params (string Name, string Value)[] environment)
    {
        // Each of them becomes the next (exec), so that the process's id is the program's.
        string[] command = ["netns", "exec", network, "sh", "-c", $"exec \"$@\" >>'{log}' 2>&1 </dev/null", "sh", program, .. arguments];
        var start = new ProcessStartInfo("ip", command);
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        return new Daemon(Process.Start(start)!, log);
    }

    public void Signal(int signal) => Native.Signal(Id, signal);

    /// <summary>SIGKILL, and until it is gone.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>The last that it said, for who reads a failure.</summary>
    public string LastWords() =>
        $"{(HasExited ? $"exit code {_process.ExitCode}" : "running")}\n{(File.Exists(_log) ? string.Join('\n', File.ReadLines(_log).TakeLast(ShownLines)) : "")}";

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}
