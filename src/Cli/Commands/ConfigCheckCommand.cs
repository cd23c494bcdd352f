using System.CommandLine;
using OrleansCdn.Cli.Api;
using OrleansCdn.Cli.Output;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Config;

namespace OrleansCdn.Cli.Commands;

/// <summary><c>cdn config check FILE</c>: all mistakes of a file, without a silo.</summary>
internal static class ConfigCheckCommand
{
    public static Command Create(CliHost host)
    {
        var file = new Argument<string>("FILE") { Description = "Config file (docs/configuration.md)" };
        var json = new Option<bool>(ApiOptions.JsonFlag) { Description = "Write the config as it was understood, or every mistake, as JSON" };
        var command = new Command("check", "Check a config file on this machine alone.") { file, json };
        command.SetAction(parsed =>
        {
            string path = parsed.GetValue(file)!;
            CdnConfig config = ConfigFile.Check(path, ConfigFile.ReadConfig(path, host), host);
            if (parsed.GetValue(json))
            {
                host.WriteJson(config, ContractsJson.Default.CdnConfig);
            }
            else
            {
                host.Out.WriteLine(
                    $"{path} is valid: {config.Pops.Length} PoPs, {config.Pops.Sum(p => p.Edges.Length)} edges, {config.Sites.Length} sites.");
            }

            return ExitCode.Done;
        });
        return command.WithExamples("cdn config check three-pops.yaml", "cdn config check three-pops.yaml --json");
    }
}
