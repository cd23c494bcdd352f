using System.Diagnostics;
using System.Globalization;
using OrleansCdn.Testing;

namespace OrleansCdn.Announcer.Tests.Running;

/// <summary>The announcer as a process of its own, which can be killed and stopped.</summary>
internal sealed class AnnouncerRun : IAsyncDisposable
{
    private readonly Process _process;
    private readonly List<string> _log = [];

    private AnnouncerRun(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public static AnnouncerRun Start(params ReadOnlySpan<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "OrleansCdn.Announcer.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return new AnnouncerRun(Process.Start(start)!);
    }

    /// <summary>TERM, KILL, STOP, CONT …</summary>
    public async Task SignalAsync(string name)
    {
        using Process kill = Process.Start("kill", [$"-{name}", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }

    public async Task<int> UntilExitAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Seen.Limit);
        return _process.ExitCode;
    }

    public Task UntilLogAsync(string text) => Seen.UntilAsync($"'{text}' in the log", () => Log().Contains(text, StringComparison.Ordinal), Log);

    public string Log()
    {
        lock (_log)
        {
            return string.Join('\n', _log);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private void Keep(string? line)
    {
        if (line is not null)
        {
            lock (_log)
            {
                _log.Add(line);
            }
        }
    }
}
