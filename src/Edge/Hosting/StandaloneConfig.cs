using System.Collections.Immutable;
using System.Runtime.InteropServices;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Dns.FromConfig;

namespace OrleansCdn.Edge.Hosting;

/// <summary>The config file of an edge without silos. A file that cannot be used leaves the config before it in force.</summary>
internal sealed partial class StandaloneConfig(string file, string pop, string? edge, ILogger logger)
{
    /// <summary>Epoch of a config that no silo has given a version.</summary>
    public const string Epoch = "file";

    /// <summary>The config and the name of this edge in it; null after the mistakes have been written to standard error.</summary>
    public (EdgeSnapshot Snapshot, string Edge)? Load()
    {
        ImmutableArray<string> problems = Read(out CdnConfig? config);
        if (config is not null)
        {
            if (Choose(config) is { } chosen)
            {
                return (new EdgeSnapshot(Epoch, 0, config), chosen.Name);
            }

            problems =
            [
                config.FindPop(pop) is null
                    ? $"{file}: there is no PoP '{pop}'; it has {string.Join(", ", config.Pops.Select(p => p.Id))}"
                    : $"{file}: PoP '{pop}' has no edge '{edge}'; it has {string.Join(", ", config.FindPop(pop)!.Edges.Select(e => e.Name))}",
            ];
        }

        foreach (string problem in problems)
        {
            Console.Error.WriteLine(problem);
        }

        return null;
    }

    /// <summary>Reads the file again at each SIGHUP, as long as the result lives.</summary>
    public IDisposable ReloadOnHangup(Action<EdgeSnapshot> apply) => PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
    {
        signal.Cancel = true; // the default would end the process
        if (Load() is { } loaded)
        {
            apply(loaded.Snapshot);
            LogReloaded(file);
        }
        else
        {
            LogKeepsLast(file);
        }
    });

    private EdgeConfig? Choose(CdnConfig config) =>
        config.FindPop(pop)?.Edges.FirstOrDefault(e => edge is null || e.Name == edge);

    private ImmutableArray<string> Read(out CdnConfig? config)
    {
        config = null;
        try
        {
            if (new FileInfo(file).Length > ApiRoutes.MaxConfigBytes)
            {
                return [$"{file}: larger than {ApiRoutes.MaxConfigBytes} bytes, which no config is"];
            }

            (string yaml, ImmutableArray<ConfigError> missing) = ZoneFiles.Inline(file, File.ReadAllText(file));
            ConfigReadResult result = missing.IsEmpty ? ZonesCheck.Of(ConfigReader.Read(yaml), yaml) : new ConfigReadResult(null, missing);
            config = result.Config;
            return [.. result.Errors.Select(e => ConfigErrorText.Format(file, e))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [$"{file}: cannot be read: {e.Message}"];
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "'{File}' was read again and is in force")]
    private partial void LogReloaded(string file);

    [LoggerMessage(Level = LogLevel.Error, Message = "'{File}' cannot be used; the config before it stays in force")]
    private partial void LogKeepsLast(string file);
}
