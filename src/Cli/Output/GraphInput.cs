using OrleansCdn.Contracts.Config;
using OrleansCdn.Internet.Graph;

namespace OrleansCdn.Cli.Output;

/// <summary>A graph of networks that the operator named: CAIDA's, or YAML with places (docs/internet.md).</summary>
internal static class GraphInput
{
    /// <param name="path">Null: the graph that comes with this program.</param>
    /// <param name="host">Every mistake goes to its standard error.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<GraphFile> ReadAsync(string? path, CliHost host, CancellationToken cancellationToken)
    {
        if (path is null)
        {
            return GraphReader.Lab;
        }

        if (Path.GetExtension(path) is ".yaml" or ".yml")
        {
            GraphReadResult read = GraphReader.Read(ConfigFile.Read(path));
            foreach (Contracts.Api.ConfigError error in read.Errors)
            {
                host.Error.WriteLine(ConfigErrorText.Format(path, error));
            }

            return read.Graph ?? throw new CommandFailure(ExitCode.Failed, $"{path} is not a graph", "docs/internet.md has the format.");
        }

        try
        {
            await using FileStream file = File.OpenRead(path);
            CaidaReadResult read = await CaidaReader.ReadAsync(file, Path.GetFileName(path), cancellationToken);
            return read.Graph ?? throw new CommandFailure(ExitCode.Failed, $"{path}: {read.Error}", "It is to be a file of CAIDA's AS relationships, plain or gzip, or a .yaml (docs/internet.md).");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new CommandFailure(ExitCode.Failed, $"cannot read {path}: {e.Message}", "Give the path of a graph.");
        }
    }
}
