using System.Runtime.InteropServices;
using OrleansCdn.Contracts.Hosting;
using OrleansCdn.Edge.Hosting;
using OrleansCdn.Node.Hosting;

const int WrongUsage = 2;

EdgeCommandLineResult line = EdgeCommandLine.Read(args, Environment.GetEnvironmentVariable);
if (line.HelpWanted)
{
    Console.Out.Write(EdgeCommandLine.Help);
    return 0;
}

if (line.Options is not { } options)
{
    foreach (string error in line.Errors)
    {
        Console.Error.WriteLine($"edge: {error}");
    }

    Console.Error.WriteLine("edge: --help shows how it is used");
    return WrongUsage;
}

if (options.ExitWithStdin)
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
return await new EdgeProcess(options, TimeProvider.System, loggers).RunAsync(stop.Token);
