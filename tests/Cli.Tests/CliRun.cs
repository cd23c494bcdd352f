using OrleansCdn.Cli;

namespace OrleansCdn.Cli.Tests;

/// <summary>One run of the command line inside this process.</summary>
internal sealed record CliRun(int ExitCode, string Out, string Error)
{
    public static async Task<CliRun> OfAsync(
        string[] args, bool interactive = false, string input = "", Dictionary<string, string>? variables = null, TimeProvider? time = null, CancellationToken stop = default)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var host = new CliHost
        {
            Out = output,
            Error = error,
            In = new StringReader(input),
            Interactive = interactive,
            Console = CliHost.ConsoleOn(output, interactive: false),
            Variable = name => variables?.GetValueOrDefault(name),
            Time = time ?? TimeProvider.System,
        };
        int exitCode = await CommandTree.RunAsync(args, host, stop);
        return new CliRun(exitCode, output.ToString(), error.ToString());
    }
}
