using System.Collections.Immutable;
using System.Text;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Dns.FromConfig;
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

    /// <summary>As <see cref="Read"/>, with the zone files that it names in it.</summary>
    public static string ReadConfig(string path, CliHost host)
    {
        (string yaml, ImmutableArray<ConfigError> errors) = ZoneFiles.Inline(path, Read(path));
        return errors.IsEmpty ? yaml : throw Mistakes(path, errors, host);
    }

    /// <summary>Every mistake as <c>file:line:column</c>, then failure.</summary>
    public static CdnConfig Check(string path, string yaml, CliHost host)
    {
        ConfigReadResult result = ZonesCheck.Of(RoutingCheck.Read(yaml), yaml);
        if (result.Config is not null)
        {
            return result.Config;
        }

        throw Mistakes(path, result.Errors, host);
    }

    private static CommandFailure Mistakes(string path, ImmutableArray<ConfigError> errors, CliHost host)
    {
        foreach (ConfigError error in errors)
        {
            host.Error.WriteLine(ConfigErrorText.Format(path, error));
        }

        string mistakes = errors.Length == 1 ? "1 mistake" : $"{errors.Length} mistakes";
        string message = $"{path} has {mistakes}; nothing was changed";
        return new CommandFailure(
            ExitCode.Failed,
            message,
            "docs/configuration.md lists every key.",
            new ApiProblem { Title = message, ConfigErrors = errors });
    }
}
