using System.CommandLine;
using System.Net;
using OrleansCdn.Cli.LabInternet;
using OrleansCdn.Cli.Output;
using OrleansCdn.Contracts.Hosting;

namespace OrleansCdn.Cli.Commands;

/// <summary><c>cdn lab-internet</c>: the lab's internet as a process of its own; the lab starts it.</summary>
internal static class LabInternetCommand
{
    public const string Name = "lab-internet";
    public const string ListenFlag = "--listen";
    public const string ConfigFlag = "--config";
    public const string GraphFlag = "--graph";

    public static Command Create(CliHost host)
    {
        var listen = new Option<string>(ListenFlag) { Description = "Address of its view", HelpName = "HOST:PORT", Required = true };
        var config = new Option<string>(ConfigFlag) { Description = "The config whose neighbours it is", HelpName = "FILE", Required = true };
        var graph = new Option<string?>(GraphFlag) { Description = "Networks and their relations", HelpName = "FILE" };
        var tied = new Option<bool>(ParentWatch.Flag) { Description = "End when standard input ends" };
        var command = new Command(Name, "The lab's internet alone.") { listen, config, graph, tied };
        command.Hidden = true;
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (!IPEndPoint.TryParse(parsed.GetValue(listen)!, out IPEndPoint? endPoint))
            {
                throw new CommandFailure(ExitCode.Usage, $"'{parsed.GetValue(listen)}' is not HOST:PORT", "For example 127.0.0.1:8083.");
            }

            if (parsed.GetValue(tied))
            {
                ParentWatch.Start();
            }

            string file = parsed.GetValue(config)!;
            try
            {
                await using InternetServer server = await InternetServer.StartAsync(
                    ConfigFile.Check(file, ConfigFile.ReadConfig(file, host), host),
                    await GraphInput.ReadAsync(parsed.GetValue(graph), host, cancellationToken),
                    endPoint,
                    host.Time,
                    cancellationToken);
                host.Out.WriteLine($"internet on {server.Url}");
                await server.Settling.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return server.Settling.IsFaulted ? throw server.Settling.Exception.InnerException! : ExitCode.Done;
            }
            catch (IOException e)
            {
                throw new CommandFailure(ExitCode.Failed, e.Message, "Choose other ports.");
            }
        });
        return command;
    }
}
