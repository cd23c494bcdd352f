using System.Diagnostics;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Silo.Tests;

/// <summary>The silo as its own process, which can be killed.</summary>
public sealed class SiloProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly List<string> _log = [];

    private SiloProcess(Process process, Uri api, Uri feed)
    {
        (_process, Api, Feed) = (process, api, feed);
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public Uri Api { get; }

    public Uri Feed { get; }

    public int Id => _process.Id;

    /// <summary>Starts it and returns when it is healthy.</summary>
    public static async Task<SiloProcess> StartAsync(TestData data, Uri? api = null, Uri? feed = null)
    {
        api ??= new Uri($"http://127.0.0.1:{FreePort.Next()}");
        feed ??= new Uri($"http://127.0.0.1:{FreePort.Next()}");
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList =
            {
                Path.Combine(AppContext.BaseDirectory, "OrleansCdn.Silo.dll"),
                "--api", api.Authority, "--feed", feed.Authority, "--data", data.Directory, "--tokens", data.TokensFile, "--name", "process",
            },
        };
        foreach (string argument in data.Engine)
        {
            start.ArgumentList.Add(argument);
        }

        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) != "dotnet")
        {
            start.FileName = "dotnet";
        }

        var silo = new SiloProcess(Process.Start(start)!, api, feed);
        var client = new ApiClient(api, null);
        while (true)
        {
            Assert.False(silo._process.HasExited, silo.Log());
            try
            {
                using HttpResponseMessage health = await client.GetAsync(ApiRoutes.Health);
                if (health.IsSuccessStatusCode)
                {
                    return silo;
                }
            }
            catch (Exception error) when (TransportFailure.Is(error))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
            }
        }
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM; returns the exit code.</summary>
    public async Task<int> TerminateAsync()
    {
        using Process kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

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
            await KillAsync();
        }

        _process.Dispose();
    }

    private void Keep(string? line)
    {
        lock (_log)
        {
            if (line is not null)
            {
                _log.Add(line);
            }
        }
    }
}
