using System.Text;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Routing.Intent;

namespace OrleansCdn.Cli.Output;

/// <summary>A config file that the operator named: read, bounded, checked before anything leaves this machine.</summary>
internal static class ConfigFile
{
    public static string Read(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            if (file.Length > ApiRoutes.MaxConfigBytes)
            {
                throw new CommandFailure(
                    ExitCode.Failed, $"{path} has {file.Length} bytes; a config has at most {ApiRoutes.MaxConfigBytes}", "Is it the right file?");
            }

            using var reader = new StreamReader(file, new UTF8Encoding(false, throwOnInvalidBytes: true));
            return reader.ReadToEnd();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new CommandFailure(ExitCode.Failed, $"cannot read {path}: {e.Message}", "Give the path of a config file.");
        }
        catch (DecoderFallbackException)
        {
            throw new CommandFailure(ExitCode.Failed, $"{path} is not UTF-8 text", "Is it the right file?");
        }
    }

    /// <summary>Every mistake as <c>file:line:column</c>, then failure.</summary>
    public static CdnConfig Check(string path, string yaml, CliHost host)
    {
        ConfigReadResult result = RoutingCheck.Read(yaml);
        if (result.Config is not null)
        {
            return result.Config;
        }

        foreach (ConfigError error in result.Errors)
        {
            host.Error.WriteLine(ConfigErrorText.Format(path, error));
        }

        string mistakes = result.Errors.Length == 1 ? "1 mistake" : $"{result.Errors.Length} mistakes";
        string message = $"{path} has {mistakes}; nothing was changed";
        throw new CommandFailure(
            ExitCode.Failed,
            message,
            "docs/configuration.md lists every key.",
            new ApiProblem { Title = message, ConfigErrors = result.Errors });
    }
}
