using System.CommandLine;
using OrleansCdn.Cli.Api;
using OrleansCdn.Cli.Lab;

namespace OrleansCdn.Cli.Commands;

/// <summary><c>cdn lab</c>: the whole CDN on this machine.</summary>
internal static class LabCommand
{
    public static Command Create(CliHost host)
    {
        var origin = new Option<Uri?>("--origin")
        {
            Description = "Put this origin behind all sites instead of the sample origin",
            HelpName = "URL",
            CustomParser = argument =>
            {
                if (Uri.TryCreate(argument.Tokens[0].Value, UriKind.Absolute, out Uri? uri)
                    && uri is { Scheme: "http" or "https", PathAndQuery: "/", UserInfo: "", Fragment: "" })
                {
                    return uri;
                }

                argument.AddError($"'{argument.Tokens[0].Value}' is not an origin: http or https, host and port, like http://127.0.0.1:3000");
                return null;
            },
        };
        var basePort = new Option<int>("--base-port")
        {
            Description = "First port; docs/lab.md has the layout",
            HelpName = "N",
            DefaultValueFactory = _ => LabSettings.DefaultBasePort,
        };
        basePort.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > LabPorts.MaxBasePort)
            {
                result.AddError($"--base-port is from 1 to {LabPorts.MaxBasePort}");
            }
        });
        var data = new Option<string?>("--data")
        {
            Description = "Keep everything here, and go on from it at the next start [default: a temporary directory]",
            HelpName = "DIR",
        };
        var readyFile = new Option<string?>("--ready-file") { Description = "Write addresses, token and process ids here once all is up", HelpName = "FILE" };
        var config = new Option<string?>("--config") { Description = "Run this config's PoPs and sites instead of the example's", HelpName = "FILE" };
        var graph = new Option<string?>("--graph") { Description = "Networks and relations of the lab's internet (docs/internet.md)", HelpName = "FILE" };
        var noRestart = new Option<bool>("--no-restart") { Description = "A process that dies stays down" };
        var json = new Option<bool>(ApiOptions.JsonFlag) { Description = "Write the ready file's content to standard output once all is up" };
        var command = new Command("lab", "Run the whole CDN on this machine: a silo, an edge and an announcer for each PoP, a sample origin, a small internet.")
        {
            origin, basePort, data, readyFile, config, graph, noRestart, json,
        };
        command.SetAction((parsed, cancellationToken) => new LabRun(host, new LabSettings
        {
            Origin = parsed.GetValue(origin),
            BasePort = parsed.GetValue(basePort),
            DataDirectory = parsed.GetValue(data),
            ReadyFile = parsed.GetValue(readyFile),
            ConfigFile = parsed.GetValue(config),
            GraphFile = parsed.GetValue(graph) is { } file ? Path.GetFullPath(file) : null,
            Restart = !parsed.GetValue(noRestart),
            Json = parsed.GetValue(json),
        }).RunAsync(cancellationToken));
        return command.WithExamples(
            "cdn lab",
            "cdn lab --origin http://127.0.0.1:3000      your own application behind three PoPs",
            "cdn lab --base-port 9000 --data ./lab-data  other ports; keep what was stored",
            "cdn lab --ready-file /tmp/lab.json          for scripts");
    }
}
