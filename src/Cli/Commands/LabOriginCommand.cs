using System.CommandLine;
using System.Net;
using Microsoft.AspNetCore.Builder;
using OrleansCdn.Cli.LabOrigin;
using OrleansCdn.Contracts.Hosting;

namespace OrleansCdn.Cli.Commands;

/// <summary><c>cdn lab-origin</c>: the lab's sample origin as a process of its own; the lab starts it.</summary>
internal static class LabOriginCommand
{
    public const string Name = "lab-origin";
    public const string ListenFlag = "--listen";

    public static Command Create(CliHost host)
    {
        var listen = new Option<string>(ListenFlag) { Description = "Address to listen on", HelpName = "HOST:PORT", Required = true };
        var tied = new Option<bool>(ParentWatch.Flag) { Description = "End when standard input ends" };
        var command = new Command(Name, "The lab's sample origin alone.") { listen, tied };
        command.Hidden = true;
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (!IPEndPoint.TryParse(parsed.GetValue(listen)!, out IPEndPoint? endPoint))
            {
                throw new CommandFailure(ExitCode.Usage, $"'{parsed.GetValue(listen)}' is not HOST:PORT", "For example 127.0.0.1:8082.");
            }

            if (parsed.GetValue(tied))
            {
                ParentWatch.Start();
            }

            await using WebApplication server = OriginServer.Create(endPoint, new SampleOrigin(host.Time));
            try
            {
                await server.StartAsync(cancellationToken);
            }
            catch (IOException e)
            {
                throw new CommandFailure(ExitCode.Failed, $"cannot listen on {endPoint}: {e.Message}", "Choose another address with --listen.");
            }

            host.Out.WriteLine($"origin on {string.Join(", ", server.Urls)}");
            var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using CancellationTokenRegistration stop = cancellationToken.Register(stopped.SetResult);
            await stopped.Task;
            return ExitCode.Done;
        });
        return command;
    }
}
