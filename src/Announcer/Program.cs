using System.Runtime.InteropServices;
using OrleansCdn.Announcer.Hosting;
using OrleansCdn.Contracts.Hosting;
using OrleansCdn.Node.Hosting;

const int WrongUsage = 2;

AnnouncerCommandLineResult line = AnnouncerCommandLine.Read(args, Environment.GetEnvironmentVariable);
if (line.HelpWanted)
{
    Console.Out.Write(AnnouncerCommandLine.Help);
    return 0;
}

if (line.Options is not { } options)
{
    foreach (string error in line.Errors)
    {
        Console.Error.WriteLine($"announcer: {error}");
    }

    Console.Error.WriteLine("announcer: --help shows how it is used");
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
return await new AnnouncerProcess(options, TimeProvider.System, loggers).RunAsync(stop.Token);
