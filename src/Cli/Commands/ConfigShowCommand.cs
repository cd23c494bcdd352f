using System.CommandLine;
using OrleansCdn.Cli.Api;
using OrleansCdn.Cli.Output;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Cli.Commands;

/// <summary><c>cdn config show</c>: the text of a version, fit to be edited and applied again.</summary>
internal static class ConfigShowCommand
{
    public static Command Create(CliHost host)
    {
        var api = new ApiOptions(host);
        var version = new Option<long?>("--version") { Description = "An earlier version [default: the one in force]", HelpName = "N" };
        var command = new Command("show", "Write the text of the config in force, or of an earlier version.") { version };
        api.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using ApiClient client = api.Connect(parsed);
            ConfigVersionReply reply = await client.ConfigAsync(parsed.GetValue(version), cancellationToken);
            if (parsed.GetValue(api.Json))
            {
                host.WriteJson(reply, ContractsJson.Default.ConfigVersionReply);
                return ExitCode.Done;
            }

            // The text alone goes to standard output, so that it can be redirected into a file.
            host.Error.WriteLine($"# version {reply.Info.Version}, {Units.Time(reply.Info.When)} by {reply.Info.Who}");
            host.Out.Write(reply.Yaml);
            return ExitCode.Done;
        });
        return command.WithExamples("cdn config show > now.yaml", "cdn config show --version 3");
    }
}
