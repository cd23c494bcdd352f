using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using OrleansCdn.Contracts.Hosting;

namespace OrleansCdn.Node.Hosting;

/// <summary>The outermost part of a server's process: command line, signals, log.</summary>
public static class ProcessMain
{
    private const int WrongUsage = 2;

    /// <param name="name">Stands before every message on standard error.</param>
    /// <param name="line">What was given.</param>
    /// <param name="help">For who asks for it.</param>
    /// <param name="exitWithStdin">Whether the process ends with its parent.</param>
    /// <param name="run">The process, until SIGTERM or SIGINT; its exit code.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync<TOptions>(
        string name,
        CommandLineResult<TOptions> line,
        string help,
        Func<TOptions, bool> exitWithStdin,
        Func<TOptions, TimeProvider, ILoggerFactory, CancellationToken, Task<int>> run)
        where TOptions : class
    {
        if (line.HelpWanted)
        {
            await Console.Out.WriteAsync(help);
            return 0;
        }

        if (line.Options is not { } options)
        {
            foreach (string error in line.Errors)
            {
                await Console.Error.WriteLineAsync($"{name}: {error}");
            }

            await Console.Error.WriteLineAsync($"{name}: --help shows how it is used");
            return WrongUsage;
        }

        if (exitWithStdin(options))
        {
            ParentWatch.Start();
        }

        using CancellationTokenSource stop = new();
        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.Cancel();
        }

        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using ILoggerFactory loggers = ProcessLogging.Create(TimeProvider.System);
        return await run(options, TimeProvider.System, loggers, stop.Token);
    }
}
